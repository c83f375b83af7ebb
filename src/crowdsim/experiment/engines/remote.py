"""Making runs on another machine, which has the library but not the files: those come with the run."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from crowdsim.experiment.worker import ONE_THREAD, Job, Outcome, replicate
from crowdsim.record.layout import CONFIG, VENUE

Texts = tuple[str, str]
"""Configuration and venue, as they stand in a sweep's folder."""


def texts_of(folder: Path) -> Texts:
    """Return the configuration and the venue of a sweep's folder."""
    return (folder / CONFIG).read_text(encoding="utf-8"), (folder / VENUE).read_text(encoding="utf-8")


def make_runs(texts: Texts, jobs: Iterable[Job]) -> list[Outcome]:
    """Make runs one after the other and return what they came to; nothing is left on this machine.

    Parameters
    ----------
    jobs : whose folders are on another machine.
    """
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    made = []
    with tempfile.TemporaryDirectory(prefix="crowdsim_") as scratch:
        folder = Path(scratch) / hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
        folder.mkdir()
        for name, text in zip((CONFIG, VENUE), texts, strict=True):
            (folder / name).write_text(text, encoding="utf-8")
        for job in jobs:
            out = Path(scratch) / "run"
            made.append(replicate(replace(job, config=folder, out=out, keep=False)))
            shutil.rmtree(out, ignore_errors=True)
    return made
