"""Who came with whom, and what those of a party share."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from crowdsim.population.draw import generator
from crowdsim.scenario.party import ALONE, PartySize
from crowdsim.venue import Area

Int32 = NDArray[np.int32]
Float64 = NDArray[np.float64]

APART_M = 0.7
"""From one to the next of a party who stand together: about 0.6 to 0.8 m between the middles of people who walk side by
side (Moussaid et al. 2010, PLoS ONE 5(4) e10047)."""


def draw_parties(name: str, n: int, sizes: Sequence[PartySize], seed: int) -> Int32:
    """Return the party of each of a group's n attendees, from 0 on; `ALONE` for those who come alone.

    Those of a party are next to each other. The last one may be smaller than drawn.
    """
    if not sizes or not n:
        return np.full(n, ALONE, np.int32)
    share = np.array([size.share for size in sizes])
    people = np.array([size.people for size in sizes])
    drawn = generator(seed, name, "parties").choice(people, n, p=share / share.sum())
    number = np.repeat(np.arange(n), drawn)[:n]
    count = np.bincount(number)
    party: Int32 = np.where(count[number] > 1, number, ALONE).astype(np.int32)
    return party


def firsts(party: Int32) -> NDArray[np.int64]:
    """Return the index of the first of everybody's party: the own one of those alone."""
    index = np.arange(party.size)
    begins = np.ones(party.size, bool)
    begins[1:] = (party[1:] != party[:-1]) | (party[1:] == ALONE)
    first: NDArray[np.int64] = np.maximum.accumulate(np.where(begins, index, 0))
    return first


def slowest(party: Int32, speed: Float64) -> Float64:
    """Return at what speed [m/s] each walks in company: that of the slowest of the party."""
    begins = np.flatnonzero(firsts(party) == np.arange(party.size))
    if not begins.size:
        return speed
    counts = np.diff(np.append(begins, party.size))
    together: Float64 = np.repeat(np.minimum.reduceat(speed, begins), counts)
    return together


def stand_together(party: Int32, spots: Float64, room: Area) -> Float64:
    """Return the places (n, 2) of attendees in a zone [m]: those of a party around the place of its first.

    Parameters
    ----------
    spots : (n, 2) places drawn for each on their own.
    room : where the centre of a body can be; who would stand outside stands at the first one's place.
    """
    first = firsts(party)
    place = np.arange(party.size) - first
    count = np.bincount(first, minlength=party.size)[first]
    angle = 2 * math.pi * place / np.maximum(count - 1, 1)
    # As many around the first as there are: a ring on which neighbours are so far apart, too.
    radius = APART_M / np.minimum(2 * np.sin(math.pi / np.maximum(count - 1, 2)), 1.0)
    around = spots[first] + (radius * (place > 0) * np.array([np.cos(angle), np.sin(angle)])).T
    inside = shapely.contains_xy(room, around[:, 0], around[:, 1])
    return np.where((inside | (place == 0))[:, None], around, spots[first])
