"""Folders for what nobody has named a folder for."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path


def dated_folder(parent: Path) -> Path:
    """Return a folder named after the date and time that does not exist yet."""
    name = datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
    folder = parent / name
    k = 2
    while folder.exists():
        folder, k = parent / f"{name}_{k}", k + 1
    return folder
