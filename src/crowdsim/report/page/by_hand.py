"""Hand calculations beside the simulated figures, as the report shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from crowdsim.assess.by_hand_compared import AGREES, EGRESS, EXIT, NOT_COMPARED, QUICKER, SERVICE, SLOWER
from crowdsim.report.page.tables import Table
from crowdsim.report.words import NOTHING, clock, number, share

NAMES = {EGRESS: "Everyone", EXIT: "Exit", SERVICE: "Service"}
"""How kinds of figures are called in tables; others by their own word."""

MANY_TIMES = 10.0
"""From here on a difference is told as a multiple."""

CLOCK_FROM_S, HOUR_S = 600, 3600
"""From the first on times are told as by a clock, from the second on with hours."""

AS_ABOVE = "as above"

NOTE = (
    "By hand: each passes as soon as a free walk, pre-movement, stays and services allow, and as the width or the "
    "servers let one after the other through. Rates of passage are maxima."
)


@dataclass(frozen=True, slots=True)
class HandRow:
    """A figure beside its hand calculation; texts.

    Attributes
    ----------
    marked : whether the simulation is quicker than by hand, which wants a look.
    text : the calculation in figures.
    why : where the difference comes from.
    """

    figure: str
    simulated: str
    by_hand: str
    method: str
    difference: str
    text: str
    why: str
    marked: bool


def hand_rows(summary: Mapping[str, Any]) -> list[HandRow]:
    """Return every hand calculation of a summary; none for runs from before there were any.

    What is the same as in the row before is not said again.
    """
    rows: list[HandRow] = []
    method = text = why = ""
    for entry in summary.get("by_hand") or []:
        row = _row(entry)
        same_text, same_why = row.text and row.text == text, row.why and row.why == why
        rows.append(
            replace(
                row,
                method="" if row.method == method else row.method,
                text=AS_ABOVE if same_text else row.text,
                why=AS_ABOVE if same_why else row.why,
            )
        )
        method, text, why = row.method, row.text, row.why
    return rows


def hand_table(rows: Sequence[HandRow]) -> Table | None:
    """Return them as a table; None if there are none."""
    columns = ("Figure", "Simulated", "By hand", "Difference", "Method", "Calculation", "Why")
    cells = [(r.figure, r.simulated, r.by_hand, r.difference, r.method, r.text, r.why) for r in rows]
    return Table("By hand", columns, cells, NOTE) if cells else None


def hand_line(summary: Mapping[str, Any]) -> str:
    """Return how leaving compares with its hand calculation, in a sentence for the first page; empty if it cannot."""
    first = next((entry for entry in summary.get("by_hand") or [] if entry["figure"]["kind"] == EGRESS), None)
    if first is None or first["verdict"] == NOT_COMPARED:
        return ""
    since = f", both from {clock(first['from_s'])} on" if first["from_s"] else ""
    reason = first["explanation"].partition("; ")[0]
    why = f": {reason}" if reason else ""
    return (
        f"Last out by hand after {_value(first, 'by_hand')} ({first['rates']}), simulated after "
        f"{_value(first, 'simulated')}{since}. {_capital(_difference(first))}{why}."
    )


def hand_warning(summary: Mapping[str, Any]) -> str:
    """Return a warning that figures are better than by hand; empty if none is."""
    quicker = [entry for entry in summary.get("by_hand") or [] if entry["verdict"] == QUICKER]
    if not quicker:
        return ""
    first, more = quicker[0], len(quicker) - 1
    figure = _figure(first)
    others = f", and {more} other figure{'s' if more > 1 else ''}" if more else ""
    return (
        f"Quicker than by hand: {figure[0].lower()}{figure[1:]} {_value(first, 'simulated')}, by hand "
        f"{_value(first, 'by_hand')} ({first['rates'] or first['method']}){others}. What is reckoned by hand is the "
        "best that can be relied on; see By hand."
    )


def _row(entry: Mapping[str, Any]) -> HandRow:
    method, rates = str(entry["method"]), str(entry["rates"])
    method = rates if rates.startswith(method) else f"{method}, {rates}" if rates else method
    return HandRow(
        figure=_figure(entry),
        simulated=_value(entry, "simulated"),
        by_hand=_value(entry, "by_hand"),
        method=method,
        difference=_difference(entry),
        text=str(entry["text"]),
        why=str(entry["explanation"]),
        marked=entry["verdict"] == QUICKER,
    )


def _figure(entry: Mapping[str, Any]) -> str:
    figure = entry["figure"]
    kind = NAMES.get(figure["kind"], figure["kind"].capitalize())
    since = f" from {clock(entry['from_s'])} on" if entry["from_s"] and figure["kind"] != EXIT else ""
    return f"{kind} {figure['name']}".strip() + f": {figure['what']}{since}"


def _value(entry: Mapping[str, Any], key: str) -> str:
    value, unit = entry[key], entry["unit"]
    if value is None and key == "simulated" and entry.get("simulated_at_least") is not None:
        return f"over {_time(entry['simulated_at_least'])}"
    if value is None:
        return NOTHING
    if unit == "s":
        return _time(value)
    return share(value) if unit == "share" else f"{number(round(value))} {unit}"


def _time(value_s: float) -> str:
    """Return a length of time: seconds below ten minutes, else min:s."""
    if value_s < CLOCK_FROM_S:
        return f"{value_s:.0f} s"
    return f"{clock(value_s)} {'h:min:s' if round(value_s) >= HOUR_S else 'min:s'}"


def _difference(entry: Mapping[str, Any]) -> str:
    verdict, ratio = str(entry["verdict"]), entry["ratio"]
    words = {AGREES: "agrees", SLOWER: "slower", QUICKER: "quicker: look at it"}
    if entry["unit"] != "s":
        words |= {SLOWER: "more", QUICKER: "less: look at it"}
    if ratio is not None and ratio >= MANY_TIMES:
        return f"{words.get(verdict, verdict)} ({ratio:,.0f} times)"
    percent = round(100.0 * (ratio - 1.0)) if ratio is not None else 0
    return words.get(verdict, verdict) + (f" ({percent:+d} %)" if percent else "")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
