"""Names and units of a summary's figures, and what their changes mean in a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crowdsim.experiment.arm_folders import RunArm
from crowdsim.experiment.estimates import SINGLE, Difference
from crowdsim.report.words import number

HEADLINES: tuple[tuple[str, str, str], ...] = (
    (r"attendees\.exited", "people who are out", ""),
    (r"attendees\.blocked", "people who found no room to enter", ""),
    (r"egress_time_s", "time until the last one is out", "s"),
    (r"t95_s", "time until 95 % are out", "s"),
    (r"travel_time_s\.mean", "mean time from entering to leaving", "s"),
    (r"delay_s\.mean", "mean delay", "s"),
    (r"delay_s\.max", "longest delay", "s"),
    (r"density\.max_per_m2", "highest density", "/m²"),
    (r"exposure_person_s\.([45])", "time spent above {} people/m², over all", "person-s"),
    (r"pressure\.max_per_s2", "highest crowd pressure", "/s²"),
    (r"flows\.(.+)\.count", "people through {}", ""),
    (r"flows\.(.+)\.peak_specific_per_m_s", "highest flow through {}", "/(m s)"),
    (r"queues\.(.+)\.served", "people served at {}", ""),
    (r"queues\.(.+)\.max_length", "longest queue at {}", "people"),
    (r"queues\.(.+)\.mean_wait_s", "mean wait at {}", "s"),
    (r"queues\.(.+)\.p95_wait_s", "95th percentile of waits at {}", "s"),
)
"""Key, words and unit of the figures whose changes are told in sentences."""

MINUTES_FROM_S = 180.0
"""Times from this on are told in minutes (our choice)."""

CRITERIA = "criteria."
CRITERION = re.compile(rf"{re.escape(CRITERIA)}(.+)\.value")
"""Keys of the values of criteria."""


def is_headline(key: str) -> bool:
    """Return whether a change of this figure can be material: it is a headline, or a criterion's value."""
    return bool(CRITERION.fullmatch(key)) or any(re.fullmatch(pattern, key) for pattern, _, _ in HEADLINES)


def label_of(key: str) -> str:
    """Return what a figure is, in words; its key where there are none."""
    for pattern, words, unit in HEADLINES:
        found = re.fullmatch(pattern, key)
        if found:
            return words.format(*found.groups()) + (f" [{unit}]" if unit else "")
    criterion = CRITERION.fullmatch(key)
    return f"criterion {criterion[1]}" if criterion else key


def sentence(
    key: str,
    means: tuple[float | None, float | None],
    found: Difference | None,
    missing: tuple[int, int],
    arms: tuple[RunArm, RunArm],
) -> str:
    """Return how a figure changes from one arm to another, in plain words."""
    words, unit = _words(key, arms)
    if found is None:
        told = [f"{_quantity(mean, unit) if mean is not None else 'no value'} in {arm.name}"
                for mean, arm in zip(means, arms, strict=True)]  # fmt: skip
        return f"{words}: {', '.join(told)}"
    verb = "rises" if found.change > 0 else "falls" if found.change < 0 else "stays"
    text = f"{words} {verb} from {_quantity(found.first, unit)} to {_quantity(found.second, unit)}"
    parts = [f"{100 * found.relative:+.0f} %"] if found.relative is not None else []
    if found.ci95:
        scale, unit = _scale(max(map(abs, found.ci95)), unit)
        low, high = (number(value / scale) for value in found.ci95)
        parts.append(f"95 % interval of the change {low} to {high} {unit}".rstrip())
    elif found.method == SINGLE:
        parts.append("no interval")
    for n, arm in zip(missing, arms, strict=True):
        if n:
            parts.append(f"{n} run{'s' if n > 1 else ''} of {arm.name} without a value")
    return f"{text} ({', '.join(parts)})"


def _words(key: str, arms: Sequence[RunArm]) -> tuple[str, str]:
    criterion = CRITERION.fullmatch(key)
    if criterion:
        row = next(row for arm in arms for row in arm.criteria if row["id"] == criterion[1])
        return f"criterion {criterion[1]} (“{row['text']}”)", row["unit"]
    for pattern, words, unit in HEADLINES:
        found = re.fullmatch(pattern, key)
        if found:
            return words.format(*found.groups()), unit
    return key, ""


def _scale(largest: float, unit: str) -> tuple[float, str]:
    """Return what to divide values by, and the unit they are then in."""
    return (60.0, "min") if unit == "s" and largest >= MINUTES_FROM_S else (1.0, unit)


def _quantity(value: float, unit: str) -> str:
    scale, unit = _scale(abs(value), unit)
    return f"{number(value / scale)} {unit}".strip()
