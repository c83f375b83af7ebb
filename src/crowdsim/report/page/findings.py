"""The findings as the report shows them: a card each, with facts, a map and a time series."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crowdsim.assess import FAIL, UNDECIDED
from crowdsim.report.page.pictures import Picture, address
from crowdsim.report.page.reading import RunContent
from crowdsim.report.words import NOTHING, clock, duration, number, with_unit

NEAR_MISS = "near-miss"

STATUS = {"failed": (FAIL, "Fails"), "open": (UNDECIDED, "Undecided"), "near miss": (NEAR_MISS, "Near miss")}
"""How kinds of findings are shown: shape and word."""

AT_M = 0.5
"""Nearer than this is at a feature: distances are told in whole metres."""

NOT_SAID = "not known"


@dataclass(frozen=True, slots=True)
class Card:
    """A finding on the page.

    Attributes
    ----------
    status, word : its shape and what is written beside it; empty for findings of an older version.
    title : the criterion in words; the whole finding of an older version.
    facts : what is known of it: term and text.
    pictures : map and time series.
    """

    status: str
    word: str
    title: str
    facts: tuple[tuple[str, str], ...]
    pictures: tuple[Picture, ...]


def finding_cards(content: RunContent) -> list[Card]:
    """Return the findings of a run in order, the worst first."""
    return [_card(one, content) for one in content.summary.get("findings") or []]


def _card(one: Mapping[str, Any] | str, content: RunContent) -> Card:
    if not isinstance(one, Mapping):
        return Card("", "", str(one), (), ())
    status, word = STATUS.get(str(one.get("kind")), ("", ""))
    if "cause" not in one:  # of an older version
        return Card(status, word, str(one.get("text") or one.get("title") or one), (), ())
    facts = (
        ("Where", _where(one, content)),
        ("When", _when(one)),
        ("How bad", _how_bad(one)),
        ("How long", _how_long(one)),
        ("How many people", _people(one)),
        ("Likely cause", str(one["cause"]["text"])),
        ("Varied", str(one["varied"]["text"])),
    )
    pictures = tuple(
        Picture(name, address(content.pictures[name]), *(_map_words if kind == "map" else _series_words)(one, content))
        for kind, name in one["pictures"].items()
        if name in content.pictures
    )
    return Card(status, word, str(one["title"]), facts, pictures)


def _where(one: Mapping[str, Any], content: RunContent) -> str:
    place = one["place"]
    if place is None:
        return "the venue as a whole"
    levels = content.recording.venue.levels
    level = f", level {levels[place['level']]}" if len(levels) > 1 else ""
    text = f"{place['what']} at ({place['x']:.1f}, {place['y']:.1f}) m{level}, {number(place['ground_m2'])} m²"
    if one["near"] and one["near"] != place["what"]:
        text += f"; {one['near_m']:.0f} m from {one['near']}" if one["near_m"] >= AT_M else f"; at {one['near']}"
    return text


def _when(one: Mapping[str, Any]) -> str:
    when, worst_s = one["when"], one["worst_s"]
    parts = []
    if when:
        whiles = f", {when['spells']} times" if when["spells"] > 1 else ""
        parts.append(f"beyond the limit from {clock(when['from_s'])} to {clock(when['to_s'])}{whiles}")
    if worst_s:
        if one["place"] is None:
            shown = "map of"
        elif not when:
            shown = "closest to the limit at"
        else:  # what adds up over a run may grow fastest before it is too much
            shown = "worst at" if worst_s[0] >= when["from_s"] else "most of it added at"
        until = f" to {clock(worst_s[1])}" if worst_s[1] > worst_s[0] else ""
        parts.append(f"{shown} {clock(worst_s[0])}{until}")
    return "; ".join(parts) + " (min:s after the start)" if parts else NOT_SAID


def _how_bad(one: Mapping[str, Any]) -> str:
    limit = with_unit(one["limit"], one["unit"])
    if one["value"] is None:
        text = f"no value; limit {limit}"
    else:
        text = f"{with_unit(one['value'], one['unit'])}{' so far' if one['kind'] == 'open' else ''}; limit {limit}"
        margin = one["margin"]
        if margin is not None:
            text += f": {abs(margin):.0%} {'over it' if margin < 0 else 'below it'}"
    return text + (f" ({one['reason']})" if one["reason"] else "")


def _how_long(one: Mapping[str, Any]) -> str:
    when = one["when"]
    parts = [f"{duration(when['lasts_s'])} in all"] if when else [_never(one)]
    if one["lasts_s"]:
        parts.append(f"this spot above 4 people/m² for {duration(one['lasts_s'])} on end")
    return "; ".join(parts)


def _never(one: Mapping[str, Any]) -> str:
    """Return in words that it was never beyond the limit; of what failed or has no value that is not known."""
    if one["kind"] == "failed" or one["value"] is None:
        return NOT_SAID
    return "not beyond the limit so far" if one["kind"] == "open" else "not beyond the limit"


def _people(one: Mapping[str, Any]) -> str:
    parts = []
    if one["people"] is None:
        parts.append(f"not counted: {one['people_are']}" if one["people_are"] else NOT_SAID)
    elif one["people"]:
        parts.append(f"{number(one['people'])} people {one['people_are']}")
    else:
        parts.append("nobody" if _never(one) == NOT_SAID else f"nobody: {_never(one)}")
    if one["people_then"] is not None and one["place"]:
        parts.append(f"{number(one['people_then'])} there at the time of the map")
    if one["when"] and one["person_s"]:
        parts.append(f"{number(round(one['person_s']))} person-seconds")
    return "; ".join(parts)


def _map_words(one: Mapping[str, Any], content: RunContent) -> tuple[str, str]:
    """Return the map in words, and its caption."""
    at_s = sum(one["worst_s"]) / 2
    words = (
        f"Map after {clock(at_s)}: {_where(one, content)}. {number(one['people_then'])} people there; dots are people, "
        "colours the density in levels of service."
    )
    shown = "Then" if one["place"] is None else "The place then"
    return words, f"{shown}, after {clock(at_s)} (min:s): dots are people, colours levels of service."


def _series_words(one: Mapping[str, Any], _: RunContent) -> tuple[str, str]:
    """Return the time series in words, and its caption."""
    series, when = one["series"], one["when"]
    beyond = f"beyond the limit from {clock(when['from_s'])} to {clock(when['to_s'])}" if when else _never(one)
    words = (
        f"Chart over time. {series['title']}: at most {number(series['highest'])} {series['label']}, at "
        f"{clock(series['highest_at_s'])}; {series['limit'] or NOTHING}; {beyond}."
    )
    hatched = "hatched: beyond the limit" if when else _never(one)
    return words, f"{series['title']}; {hatched}."
