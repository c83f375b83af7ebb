"""The scenario that `crowdsim new` makes, as files to spoil in tests."""

from __future__ import annotations

import shutil
from pathlib import Path

from crowdsim.config.paths import SCENARIOS, TEMPLATE


def make_hall(parent: Path) -> Path:
    """Return a new scenario folder: 120 guests in a hall with a door, a foyer and two exits."""
    folder = parent / "hall"
    shutil.copytree(SCENARIOS / TEMPLATE, folder)
    return folder


def replace(file: Path, old: str, new: str) -> None:
    """Replace the first place where `old` stands; it must stand there."""
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {file.name}"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def add_entrance(folder: Path) -> None:
    """Add an entrance named gate to the foyer."""
    geometry = '{"type": "LineString", "coordinates": [[26, 5], [26, 7]]}'
    gate = f'{{"type": "Feature", "properties": {{"kind": "entrance", "name": "gate"}}, "geometry": {geometry}}},'
    replace(folder / "venue.geojson", "[\n", f"[\n{gate}\n")
