"""A run's summary as a flat list of figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

NO_FIGURES = ("performance", "seed", "stopped", "at", "interventions", "limit", "width_m", "area_m2")
"""Keys of a summary that say how it was computed, where and when something was, or what was given."""


def figures(summary: Mapping[str, Any]) -> dict[str, float | None]:
    """Return the figures of a `summary.json` by dotted key; of each criterion its value; None where there is none."""
    flat = dict(_walk({key: value for key, value in summary.items() if key != "criteria"}, ""))
    for criterion in summary.get("criteria", ()):
        flat[f"criteria.{criterion['id']}.value"] = criterion["value"]
    return flat


def _walk(node: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, float | None]]:
    for key, value in node.items():
        if key in NO_FIGURES:
            continue
        if isinstance(value, Mapping):
            yield from _walk(value, f"{prefix}{key}.")
        elif value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
            yield f"{prefix}{key}", value
