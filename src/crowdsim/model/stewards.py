"""Stewards: whom each of them tells which exit to take, and who does so."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.arrays import Crowd, Fields
from crowdsim.kernels.expecting import see_point
from crowdsim.population import Population
from crowdsim.population.draw import generator
from crowdsim.scenario.steward import Steward as StewardSetting
from crowdsim.venue import Venue, steward_place

Rows = NDArray[np.int32]


class Advice(NamedTuple):
    """What a steward has just said: to whom, and who does so."""

    steward: str
    exit: str | tuple[str, ...]
    told: Rows
    follow: Rows


class Steward:
    """Tells everybody who comes near, once, which exit to take.

    Parameters
    ----------
    groups : names of the groups of the population.

    Attributes
    ----------
    place : x and y in the venue's plane [m].
    told : (n,) whom the steward has told.
    obeys : (n,) who does as this steward says: drawn for everyone planned, whoever else is there.
    """

    def __init__(
        self, name: str, setting: StewardSetting, venue: Venue, population: Population, groups: Sequence[str], seed: int
    ) -> None:
        self.name = name
        self._setting = setting
        self.place = steward_place(venue, setting)
        n = len(population)
        self.told = np.zeros(n, bool)
        self.obeys: NDArray[np.bool_] = generator(seed, "steward", name).random(n) < setting.compliance
        wanted = [not setting.groups or group in setting.groups for group in groups]
        self._concerns = np.array(wanted, bool)[population.group]

    def address(self, time_s: float, leaving: Rows, crowd: Crowd, fields: Fields) -> Advice | None:
        """Tell those of `leaving`, who walk to exits, who are near, in sight and not told yet; None without any."""
        setting = self._setting
        if not setting.from_s <= time_s < (setting.until_s or math.inf):
            return None
        x, y = self.place
        near = np.hypot(crowd["x"][leaving] - x, crowd["y"][leaving] - y) <= setting.reach_m
        rows = leaving[near & self._concerns[leaving] & ~self.told[leaving]]
        see_point(crowd, fields, rows, x, y, sees := np.empty(rows.size, bool))
        rows = rows[sees]
        if not rows.size:
            return None
        self.told[rows] = True
        return Advice(self.name, setting.exit, rows, rows[self.obeys[rows]])
