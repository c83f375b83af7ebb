"""How many people start where, as far as the scenario says it before a run."""

from __future__ import annotations

from dataclasses import dataclass

from crowdsim.scenario.arrival import CountTable
from crowdsim.scenario.feature import Scenario
from crowdsim.scenario.group import AttendeeGroup, start_shares


@dataclass(frozen=True, slots=True)
class Starting:
    """How many start in zones and entrances.

    Attributes
    ----------
    known : by name, how many are expected.
    drawn : the names where their number is left to chance: shares of a group, or of those who do not come.
    by_rate : the names where more come by a rate table of open number.
    no_shows : whether some may not come.
    """

    known: dict[str, float]
    drawn: set[str]
    by_rate: set[str]
    no_shows: bool

    def at(self, name: str) -> str:
        """Return in words how many start in a zone or entrance; empty if none do."""
        about = "about " if name in self.drawn else ""
        texts = [f"{about}{self.known[name]:,.0f} people"] if name in self.known else []
        return " + ".join([*texts, "by rate"] if name in self.by_rate else texts)

    def altogether(self) -> str:
        """Return in words how many come in all."""
        if not self.known:
            return "attendees by rate tables"
        about = "about " if self.no_shows else ""
        more = ", more by rate tables" if self.by_rate else ""
        return f"{about}{sum(self.known.values()):,.0f} attendees{more}"


def starting(scenario: Scenario) -> Starting:
    """Return how many of all groups start where."""
    known: dict[str, float] = {}
    drawn: set[str] = set()
    by_rate: set[str] = set()
    groups = scenario.config.attendees.values()
    for group in groups:
        shares, expected = start_shares(group), _expected(group)
        if expected is None:
            by_rate |= shares.keys()
            continue
        for start, share in shares.items():
            known[start] = known.get(start, 0.0) + share * expected
        if len(shares) > 1 or group.no_show:
            drawn |= shares.keys()
    return Starting(known, drawn, by_rate, any(group.no_show for group in groups))


def _expected(group: AttendeeGroup) -> float | None:
    """Return how many of a group are expected; None if a rate table says."""
    if group.count is not None:
        return group.count * (1 - group.no_show)
    return sum(row.count for row in group.arrival.rows) if isinstance(group.arrival, CountTable) else None
