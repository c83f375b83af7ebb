"""Ways round crowds: the fields that people walk by are computed anew every few seconds, by where others are."""

from __future__ import annotations

import numpy as np

from crowdsim.kernels.arrays import TO_GOAL
from crowdsim.model.state import CrowdState
from crowdsim.navigation import Navigation, Navigator
from crowdsim.navigation.crowded import Walkers

LOOK_AHEAD_S = 5.0
"""How often people look which way is quickest, and how old what they go by is at the least [s] (our choice: in that
time a crowd changes little)."""

MOST_NODES = 300_000
"""No more nodes than this are gone through each time: about 0.05 s of computing. In large venues with many goals each
has its turn the later the fewer people go there (our choice)."""


class Routes:
    """The quickest ways to the zones, queues and exits that people walk to now.

    People look how crowded it is, and walk by what they saw from the next look on; at the first look at once.
    """

    def __init__(self, navigator: Navigator, state: CrowdState) -> None:
        self._navigator, self._state = navigator, state
        self._next_s = 0.0
        self._seen_s: dict[int, float] = {}

    def look_soon(self) -> None:
        """Let ways be chosen anew at the next look: the venue has changed."""
        self._next_s = 0.0
        self._seen_s.clear()

    def run(self, time_s: float, navigation: Navigation) -> None:
        """If it is time, let people walk by the ways looked for last, and look anew."""
        if time_s < self._next_s:
            return
        self._next_s = time_s + LOOK_AHEAD_S
        first = not self._seen_s
        self._navigator.go_round(navigation)
        self._look(time_s, navigation)
        if first:
            self._navigator.go_round(navigation)

    def _look(self, time_s: float, navigation: Navigation) -> None:
        """Look for ways to where most people go, and that are the oldest."""
        records, inside = self._state.records, self._state.inside
        goal = records["goal"][inside]
        walked_to = np.unique(goal[(records["activity"][inside] == TO_GOAL) & (goal >= 0)])
        for g in self._seen_s.keys() - set(walked_to.tolist()):  # else a crowd that is gone would be remembered
            self._seen_s.pop(g)
            self._navigator.forget_crowd(navigation, g)
        people = np.bincount(goal[goal >= 0], minlength=len(navigation.goals))
        urgency = {g: int(people[g]) * (time_s - self._seen_s.get(g, 0.0)) for g in walked_to.tolist()}
        goals = sorted(urgency, key=lambda g: (-urgency[g], g))
        goals = goals[: max(MOST_NODES // navigation.fields.nodes.shape[1], 1)]
        self._seen_s |= dict.fromkeys(goals, time_s)
        share = np.minimum(records["speed"][inside] / records["free_speed"][inside], 1.0)
        crowd = Walkers(
            records["x"][inside],
            records["y"][inside],
            share * records["heading_x"][inside],
            share * records["heading_y"][inside],
        )
        self._navigator.look_round(navigation, goals, crowd)
