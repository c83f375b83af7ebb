"""The first page: what was decided, in words, and the figures that matter most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crowdsim.assess import FAIL, PASS, UNDECIDED
from crowdsim.assess.validity import EXTRAPOLATED
from crowdsim.measure.measures import CALIBRATED_TO_PER_M2
from crowdsim.record.layout import COMPLETE
from crowdsim.report.page.by_hand import hand_warning
from crowdsim.report.page.reading import RunContent
from crowdsim.report.words import clock, number, place, with_unit

STATUS = {True: PASS, False: FAIL, None: UNDECIDED}
NO_CASE = "no-case"
"""Of criteria about something that the venue does not have: they do not count."""
WORDS = {PASS: "Pass", FAIL: "Fail", UNDECIDED: "Undecided", NO_CASE: "No case"}


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure of the first page.

    Attributes
    ----------
    value, unit : as shown large.
    note : below it, in small print.
    """

    label: str
    value: str
    unit: str
    note: str


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """A criterion as the report shows it; texts, empty where there is nothing to say."""

    status: str
    id: str
    text: str
    reason: str
    value: str
    limit: str
    source: str
    evidence: str
    set: str
    changed: str
    validity: str
    extrapolated: bool


def criterion_rows(summary: Mapping[str, Any]) -> list[CriterionRow]:
    """Return the criteria of a summary, failed ones first, then undecided ones."""
    rows = [
        CriterionRow(
            status=STATUS[entry["passed"]] if entry.get("applies", True) else NO_CASE,
            id=str(entry["id"]),
            text=str(entry["text"]),
            reason=str(entry.get("reason") or ""),
            value=with_unit(entry["value"], entry["unit"]),
            limit=with_unit(entry["limit"], entry["unit"]),
            source=", ".join(str(entry[key]) for key in ("source", "section") if entry.get(key)),
            evidence=str(entry.get("level_of_evidence") or ""),
            set=str(entry.get("set") or ""),
            changed="; ".join(str(change["text"]) for change in entry.get("changed", ())),
            validity=_validity(entry),
            extrapolated=entry.get("validity") == EXTRAPOLATED,
        )
        for entry in summary["criteria"]
    ]
    order = (FAIL, UNDECIDED, PASS, NO_CASE)
    return sorted(rows, key=lambda row: order.index(row.status))


def _validity(entry: Mapping[str, Any]) -> str:
    """Return whether the models are fitted for what decides a criterion, in words."""
    judgement, reason = entry.get("validity"), str(entry.get("validity_reason") or "")
    if judgement is None:
        return ""
    words = "Extrapolated" if judgement == EXTRAPOLATED else "Within the calibrated range"
    return f"{words}: {reason}"


def verdict_sentence(rows: Sequence[CriterionRow]) -> str:
    """Return what the verdict rests on, in a sentence."""
    rows = [row for row in rows if row.status != NO_CASE]
    n = len(rows)
    failed = sum(row.status == FAIL for row in rows)
    undecided = sum(row.status == UNDECIDED for row in rows)
    if not n:
        return "No criteria were asked for, so nothing was decided."
    all_ = "The only criterion" if n == 1 else f"All {n} criteria"
    met = "is met" if n == 1 else "are met"
    if failed:
        return f"{failed} of {n} criteria {'is' if failed == 1 else 'are'} not met."
    if undecided:
        return f"{undecided} of {n} criteria could not be decided; none is known to be broken."
    return f"{all_} {met}."


def warnings(content: RunContent, *, altered: bool) -> list[str]:
    """Return what a reader must know before believing the figures, the gravest first."""
    recording, summary = content.recording, content.summary
    found = []
    if recording.status != COMPLETE:
        found.append(
            f"PARTIAL RUN: the simulation was {recording.status} at {clock(recording.simulated_s)}. The figures are "
            "those up to then; a criterion is decided only where the rest could not change it."
        )
    if altered:
        found.append(
            "ALTERED: configuration or venue in the run folder are not those that the run's summary was made from "
            "(their hash differs)."
        )
    highest = summary["density"]["max_per_m2"]
    if highest > CALIBRATED_TO_PER_M2:
        found.append(
            f"Extrapolated: densities reached {number(highest)} /m². Above about {CALIBRATED_TO_PER_M2:g} /m² the "
            "movement model is beyond the experiments that it was fitted to; take what it says there as a sign of "
            "danger, not as a measure."
        )
    if quicker := hand_warning(summary):
        found.append(quicker)
    if summary["attendees"].get("blocked"):
        found.append(f"{number(summary['attendees']['blocked'])} attendees were due but found no room to come in.")
    if content.anew:
        found.append(f"Made anew from the recording for this report: {' and '.join(content.anew)}.")
    return found


def tiles(summary: Mapping[str, Any], levels: tuple[str, ...]) -> list[Tile]:
    """Return the figures of the first page."""
    people, density, delay = summary["attendees"], summary["density"], summary.get("delay_s") or {}
    inside = f", {number(people['inside'])} still inside" if people["inside"] else ""
    egress = summary.get("egress_time_s")
    t95 = summary.get("t95_s")
    found = [
        Tile("Attendees", number(people["planned"]), "", f"{number(people['entered'])} came in, "
             f"{number(people['exited'])} left{inside}"),
        Tile("Last out", clock(egress), "" if egress is None else "h:min:s" if egress >= 3600 else "min:s",  # noqa: PLR2004
             f"95 % out by {clock(t95)}" if t95 is not None else f"not all had left at {clock(summary['duration_s'])}"),
        Tile("Highest density", number(density["max_per_m2"]), "people/m²", place(density["at"], levels)),
    ]  # fmt: skip
    if delay.get("mean") is not None:
        found.append(
            Tile("Delay", number(delay["mean"]), "s on average", f"longest {with_unit(delay['max'], 's')}; 95 % below "
                 f"{with_unit(delay['p95'], 's')}")
        )  # fmt: skip
    over = (summary.get("exposure_person_s") or {}).get("4")
    if over is not None:
        each = f"{number(over / people['entered'])} s each on average" if people["entered"] else ""
        found.append(Tile("Above 4 people/m²", number(round(over)), "person-s", each))
    waits = {name: queue for name, queue in (summary.get("queues") or {}).items() if queue["p95_wait_s"] is not None}
    if waits:
        worst = max(waits, key=lambda name: waits[name]["p95_wait_s"])
        longest = waits[worst]
        note = f"at {worst}: 95 % wait less; at most {number(longest['max_length'])} waiting"
        found.append(Tile("Longest waits", clock(longest["p95_wait_s"]), "min:s", note))
    return found
