"""Times of a run as people write them."""

from __future__ import annotations


def clock(time_s: float) -> str:
    """Return a time as min:s or h:min:s."""
    minutes, seconds = divmod(round(time_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
