"""Whether a file to import can be read at all, and its bytes and text."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from crowdsim.errors import Problem, ScenarioError
from crowdsim.importing.drawing import Progress

CHUNK = 1 << 20
"""Bytes read at once: few calls, and little memory beside what is kept of a file (our choice)."""

BINARY = b"\0"
"""A byte that no text of the formats read here holds, and that binary files are full of."""


def check_readable(path: Path, allowed: str) -> int:
    """Return a file's size [bytes]; raises ScenarioError if it is missing, a folder, empty or not readable.

    Parameters
    ----------
    allowed : what the file should be, for messages.
    """
    found = None
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            if not file.read(1):
                found = "an empty file"
    except FileNotFoundError:
        found = "no such file"
    except IsADirectoryError:
        found = "a folder"
    except OSError as error:
        found = f"a file that cannot be read ({error.strerror})"
    if found:
        raise ScenarioError([Problem(str(path), "", found, allowed)])
    return size


def read_chunks(path: Path, allowed: str, progress: Progress) -> Iterator[str]:
    """Yield a UTF-8 file's text piece by piece; raises ScenarioError as `check_readable`, or if it is no such text."""
    size = check_readable(path, allowed)
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    done = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            if BINARY in chunk:
                where = f"byte {done + chunk.index(BINARY)}"
                raise ScenarioError([Problem(str(path), where, "a byte 0, as in binary files", allowed)])
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError as error:
                where = f"near byte {done + error.start}"
                found = "bytes that are not UTF-8 text"
                raise ScenarioError([Problem(str(path), where, found, f"{allowed}, in UTF-8")]) from error
            done += len(chunk)
            progress(done, size)
            yield text
    if decoder.getstate()[0]:
        raise ScenarioError([Problem(str(path), f"byte {size}", "a character cut off at the end", "the whole file")])
