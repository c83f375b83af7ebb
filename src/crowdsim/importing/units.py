"""Units of drawings: whether a drawing's size is a venue's."""

from __future__ import annotations

from pathlib import Path

from crowdsim.errors import Problem, ScenarioError

UNITS_M = {"m": 1.0, "cm": 0.01, "mm": 0.001, "km": 1000.0, "ft": 0.3048, "in": 0.0254}
"""Lengths of units [m]; the foot and the inch of 1959."""

SMALLEST_M, LARGEST_M = 2.0, 20_000.0
"""Longer sides of drawings outside of this are no venue's: smaller than a kiosk, or larger than a city's middle (our
choice)."""

DRAWN_IN = ("mm", "cm", "m", "in", "ft")
"""Units that plans are drawn in."""


def sizes_at(width: float, height: float) -> str:
    """Return a drawing's size in each unit that would make it a venue, in words: `24.0 x 12.0 m with --unit cm`."""
    likely = [name for name in DRAWN_IN if SMALLEST_M <= max(width, height) * UNITS_M[name] <= LARGEST_M]
    sizes = [f"{width * UNITS_M[name]:,.1f} x {height * UNITS_M[name]:,.1f} m with --unit {name}" for name in likely]
    return f"{width:,.6g} x {height:,.6g} units large" + (f": {', '.join(sizes)}" if sizes else "")


def check_size(path: Path, size: tuple[float, float], unit_m: float, known: str) -> None:
    """Raise ScenarioError if a drawing is too small or too large for a venue.

    Parameters
    ----------
    size : width and height, in the file's unit.
    unit_m : its length [m].
    known : how the unit is known, in words.
    """
    longer = max(size) * unit_m
    if not SMALLEST_M <= longer <= LARGEST_M:
        found = f"a drawing {longer:,.6g} m long with {unit_m:g} m a unit ({known}); it is {sizes_at(*size)}"
        raise ScenarioError([Problem(str(path), "unit", found, f"{SMALLEST_M:g} m to {LARGEST_M:,.0f} m; see --unit")])
