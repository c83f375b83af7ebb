"""Making runs on another machine, which has the library but not the files: those come with the run."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from crowdsim.experiment.worker import ONE_THREAD, Job, Outcome, replicate
from crowdsim.record.layout import CONFIG, VENUE

Texts = tuple[str, str]
"""Configuration and venue, as they stand in a sweep's folder."""

Run = tuple[tuple[str, ...], int]
"""What is set, and the seed."""


def texts_of(folder: Path) -> Texts:
    """Return the configuration and the venue of a sweep's folder."""
    return (folder / CONFIG).read_text(encoding="utf-8"), (folder / VENUE).read_text(encoding="utf-8")


def make_runs(texts: Texts, runs: Iterable[Run]) -> list[Outcome]:
    """Make runs one after the other and return what they came to; nothing is left on this machine."""
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    made = []
    with tempfile.TemporaryDirectory(prefix="crowdsim_") as scratch:
        folder = Path(scratch) / hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
        folder.mkdir()
        for name, text in zip((CONFIG, VENUE), texts, strict=True):
            (folder / name).write_text(text, encoding="utf-8")
        for overrides, seed in runs:
            out = Path(scratch) / "run"
            made.append(replicate(Job(folder, seed, out, keep=False, overrides=overrides)))
            shutil.rmtree(out, ignore_errors=True)
    return made
