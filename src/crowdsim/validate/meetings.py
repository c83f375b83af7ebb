"""Two people who meet on a plain."""

from __future__ import annotations

import math

import numpy as np

from crowdsim.validate import pictures
from crowdsim.validate.case import Outcome, Trial
from crowdsim.validate.judging import quantities, tell, verdict, within
from crowdsim.validate.measuring import Float64, Track, watch
from crowdsim.validate.venues import area, box, build, exactly, leave_by, line, profile

PLAIN_M, HALF_M, ASIDE_M = 20.0, 10.0, 0.05
EXIT_M = 4.0
"""Width of the exits: people who cross must really pass each other, and not part at a corner."""

TWO_M_S = 1.34
RADIUS_M = 0.2
LEAST_GAP = 0.75
"""Two people's centres come no closer than this share of their bodies' width: shoulders turned (Fruin's ellipse)."""

ALIKE_M = 0.02
"""Paths that should be images of each other differ by no more [m]: a tenth of a body's radius (our choice)."""

HELD_UP = 2.0
"""Two people who meet need at most this many times the free walk's time (our choice)."""


def _two(movement: str, seed: int, first: tuple[float, float], second: tuple[float, float], second_exit: str) -> Track:
    """Put two people on a plain of 20 x 20 m: the first walks east, the second to `second_exit`."""
    low, high = HALF_M - EXIT_M / 2, HALF_M + EXIT_M / 2
    features = [
        area("plain", "walkable", box(0, 0, PLAIN_M, PLAIN_M)),
        area("start", "zone", box(0, 0, PLAIN_M, PLAIN_M)),
        line("east", "exit", (PLAIN_M, low), (PLAIN_M, high)),
        line("west", "exit", (0, low), (0, high)),
        line("north", "exit", (low, PLAIN_M), (high, PLAIN_M)),
    ]
    groups = {
        "first": {"start": "start", "count": 1, "itinerary": leave_by("east")},
        "second": {"start": "start", "count": 1, "itinerary": leave_by(second_exit)},
    }
    people = {"adult": profile(exactly(TWO_M_S), exactly(RADIUS_M))}
    limit = 60.0
    scene = build(movement, features, groups, seed, limit, profiles=people)
    return watch(scene, every_s=0.05, places=np.array([first, second]))


def _met(track: Track, image_x: Float64, image_y: Float64, free_m: float) -> list[float]:
    """Return the least gap, how far the second path is from the first one's image, and the longer time's ratio."""
    gap = np.hypot(track.x[:, 0] - track.x[:, 1], track.y[:, 0] - track.y[:, 1])
    off = np.hypot(track.x[:, 1] - image_x, track.y[:, 1] - image_y)
    slower = float(np.max(track.exit_s)) / (free_m / TWO_M_S)
    return [float(np.nanmin(gap)) / (2 * RADIUS_M), float(np.nanmax(off)), slower]


def _meeting(
    trial: Trial, second: tuple[float, float], second_exit: str, least_gap: float, alike_m: float = math.inf
) -> Outcome:
    first = (2.0, HALF_M - ASIDE_M)

    def measure(movement: str, seed: int) -> list[float]:
        track = _two(movement, seed, first, second, second_exit)
        image = (PLAIN_M - track.x[:, 0], PLAIN_M - track.y[:, 0])
        if second_exit == "north":
            image = (track.y[:, 0], track.x[:, 0])
        return _met(track, *image, PLAIN_M - first[0])

    names = ["least distance over the bodies' width", "difference of the image paths", "time over the free walk's"]
    rows = quantities(names, ["", "m", ""], trial.each(measure))
    good = within(rows[0], low=least_gap) and within(rows[1], high=alike_m) and within(rows[2], high=HELD_UP)
    track = _two(trial.movement, trial.seeds[0], first, second, second_exit)
    return Outcome(
        verdict(good),
        f"they came as close as {tell(rows[0])} of the bodies' width; their paths are images of each other to "
        f"within {tell(rows[1])}; the slower one took {tell(rows[2])} times the free walk",
        tuple(rows),
        pictures.paths(track, [box(0, 0, PLAIN_M, PLAIN_M)]),
        "The paths of two people who meet on a plain.",
    )


def head_on(trial: Trial, least_gap: float = LEAST_GAP) -> Outcome:
    """Let two people meet, 0.1 m aside of each other's way."""
    return _meeting(trial, (PLAIN_M - 2.0, HALF_M + ASIDE_M), "west", least_gap, ALIKE_M)


def crossing(trial: Trial, least_gap: float = LEAST_GAP) -> Outcome:
    """Let two people cross at a right angle, at the same time: one must let the other go first."""
    return _meeting(trial, (HALF_M - ASIDE_M, 2.0), "north", least_gap)
