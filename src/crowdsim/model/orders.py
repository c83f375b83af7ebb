"""Announcements: who hears one, who does as told, and when."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from crowdsim.population.draw import draw_duration, generator
from crowdsim.scenario.intervention import LEAVE, Announcement

if TYPE_CHECKING:
    from crowdsim.model.crowd_model import CrowdModel

Rows = NDArray[np.int32]


class Orders:
    """What people have been told and have not done yet."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, int]] = []
        self._given: list[Announcement] = []

    def give(self, announcement: Announcement, model: CrowdModel) -> int:
        """Tell those inside; return how many of them will do as told."""
        state = model.state
        rows = state.inside
        if announcement.zones:
            x, y = state.records["x"][rows], state.records["y"][rows]
            area = shapely.union_all([model.venue.zones[zone] for zone in announcement.zones])
            rows = rows[shapely.contains_xy(area, x, y)]
        number = len(self._given)
        self._given.append(announcement)
        rng = generator(model.setup.config.seed, "announcement", str(number))
        # Drawn for everyone planned, so that whether one obeys does not depend on who else is there.
        obeys = rng.random(state.leg.size) < announcement.reach * announcement.compliance
        takes_s = draw_duration(announcement.reaction, state.leg.size, rng)
        rows = rows[obeys[rows]]
        for row in rows.tolist():
            heapq.heappush(self._due, (model.time_s + takes_s[row], row, number))
        return int(rows.size)

    def run(self, model: CrowdModel) -> None:
        """Let those whose reaction is over do as they were told."""
        due: dict[int, list[int]] = {}
        while self._due and self._due[0][0] <= model.time_s:
            _, row, number = heapq.heappop(self._due)
            due.setdefault(number, []).append(row)
        for number, told in sorted(due.items()):
            rows = np.array(told, np.int32)
            rows = rows[np.isin(rows, model.state.inside)]
            announcement = self._given[number]
            if announcement.say == LEAVE:
                model.send_out(rows, announcement.exit)
            else:
                model.end_stays(rows)
