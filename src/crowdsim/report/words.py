"""Numbers, times and places as the report writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crowdsim.assess.clock import clock as time_as_clock

WHOLE_FROM = 1000
"""Numbers from here on are written whole."""

NOTHING = "–"


def number(value: float | None) -> str:
    """Return a number with three digits, or whole with its thousands apart; a dash for none."""
    if value is None:
        return NOTHING
    if isinstance(value, int) or abs(value) >= WHOLE_FROM:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def with_unit(value: float | None, unit: str) -> str:
    """Return a number with its unit; times from two minutes on in minutes and seconds too."""
    if value is None:
        return NOTHING
    shown = f"{number(value)} {unit}"
    long_s = 120.0
    return f"{shown} ({clock(value)})" if unit == "s" and value >= long_s else shown


def clock(time_s: float | None) -> str:
    """Return a time as min:s or h:min:s; a dash for none."""
    return NOTHING if time_s is None else time_as_clock(time_s)


def duration(time_s: float | None) -> str:
    """Return a length of time in words; a dash for none."""
    if time_s is None:
        return NOTHING
    minutes, seconds = divmod(round(time_s), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"


def place(at: Mapping[str, Any] | None, levels: tuple[str, ...]) -> str:
    """Return the place and time of a highest value in words; empty for none."""
    if not at:
        return ""
    level = f", level {levels[at['level']]}" if len(levels) > 1 else ""
    return f"at ({at['x']:.1f}, {at['y']:.1f}) m{level}, after {clock(at['time_s'])}"


def listed(texts: Sequence[str]) -> str:
    """Return texts as a list in a sentence."""
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def share(value: float | None) -> str:
    """Return a share as a percentage; a dash for none."""
    return NOTHING if value is None else f"{value:.0%}"


def size(n_bytes: int) -> str:
    """Return the size of a file."""
    return f"{n_bytes / 1e6:,.1f} MB" if n_bytes >= 100_000 else f"{n_bytes / 1e3:,.1f} kB"  # noqa: PLR2004
