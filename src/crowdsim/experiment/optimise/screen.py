"""Which layouts need no run: by the estimate by hand, set right by one run, they are far too slow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from crowdsim.experiment.optimise.hydraulic import Ways, find_ways
from crowdsim.experiment.optimise.plan import Quest
from crowdsim.experiment.optimise.space import Place
from crowdsim.experiment.sweep.table import DONE
from crowdsim.scenario.criteria import EgressTimeCriterion

EGRESS_TIME = "egress_time_s"

MARGIN = 1.5
"""A layout is ruled out if its estimate is more than so many times the limit (our choice): in the validation, estimates
set right at one width were too long by a factor of up to 1.37 at others of the same venue (docs/optimise.md)."""


@dataclass
class Screen:
    """The estimate by hand of every layout.

    Attributes
    ----------
    limit_s : by when the last one has to be out.
    reason : why there is no estimate; empty if there is one.
    factor : what estimates are multiplied by: simulated time over estimate, of one layout.
    """

    quest: Quest
    ways: Ways | None
    limit_s: float
    reason: str = ""
    factor: float = 1.0
    _known: dict[Place, float] = field(default_factory=dict)

    def estimate_s(self, place: Place) -> float | None:
        """Return about when the last one is out of a layout; None if nothing is known."""
        if self.ways is None:
            return None
        if place not in self._known:
            widths = {key.rpartition(".")[0]: value for key, value in self.quest.space.values(place).items()}
            self._known[place] = self.ways.last_out_s(widths)
        return self.factor * self._known[place]

    def rules_out(self, place: Place) -> bool:
        """Return whether a layout is so slow by hand that it is not simulated."""
        estimate_s = self.estimate_s(place)
        return estimate_s is not None and estimate_s > MARGIN * self.limit_s

    def nearest_to_limit(self, places: Iterable[Place]) -> Place | None:
        """Return the layout whose estimate is nearest to the limit; None without estimates."""
        if self.ways is None:
            return None
        return min(places, key=lambda place: (abs((self.estimate_s(place) or 0.0) - self.limit_s), place), default=None)

    def narrowed(self, share: float) -> Place:
        """Return a layout whose estimate is within a share of the limit, each key narrowed as far as that goes.

        All keys in turn, first by half of their steps at a time, then by a quarter, and so on.
        """
        place = self.quest.space.top
        stride = max(place)
        while stride:
            for i in range(len(place)):
                while place[i] >= stride:
                    lower = (*place[:i], place[i] - stride, *place[i + 1 :])
                    estimate_s = self.estimate_s(lower)
                    if estimate_s is None or estimate_s > share * self.limit_s:
                        break
                    place = lower
            stride //= 2
        return place

    def set_right(self, place: Place, row: dict[str, Any]) -> None:
        """Take in one run; one in which not everyone got out says no more than that the estimate is not too long."""
        simulated_s = row.get(EGRESS_TIME) if row["status"] == DONE else None
        estimate_s = self.estimate_s(place)
        if simulated_s and estimate_s:
            self.factor = simulated_s / estimate_s


def make_screen(quest: Quest) -> Screen:
    """Return the estimates for what is looked for; they are there if only passages' widths are varied."""
    limit_s = _limit(quest)
    if limit_s is None:
        return Screen(quest, None, 0.0, "nothing is asked of when the last one is out")
    if reason := _not_widths(quest.space.keys):
        return Screen(quest, None, limit_s, reason)
    ways = find_ways(quest.scenario)
    return Screen(quest, None, limit_s, ways) if isinstance(ways, str) else Screen(quest, ways, limit_s)


def _not_widths(keys: Sequence[str]) -> str:
    other = [key for key in keys if not (key.startswith(("doors.", "exits.")) and key.endswith(".width_m"))]
    return f"{other[0]} is varied, which is no width of a door or exit" if other else ""


def _limit(quest: Quest) -> float | None:
    """Return by when the last one has to be out; None if nothing asks for that."""
    limits = [limit.most for limit in quest.aims.limits if limit.figure == EGRESS_TIME]
    if quest.aims.verdict:
        criteria = quest.scenario.config.criteria.values()
        limits += [one.from_s + one.limit_s for one in criteria if isinstance(one, EgressTimeCriterion)]
    return min(limits, default=None)
