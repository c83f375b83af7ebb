"""A hall with a service in it, and a diary of what happens there."""

import math

import numpy as np
from scenes import area, line, movement, rectangle, scenario

from crowdsim import CrowdModel

SPEED = 1.34
EVEN = {
    "free_speed_m_s": {"mean": SPEED, "sd": 0.0, "min": SPEED, "max": SPEED},
    "body_radius_m": {"mean": 0.2, "sd": 0.0, "min": 0.2, "max": 0.2},
}
EXPONENTIAL = {"distribution": "exponential", "mean_s": 4.0}


class Diary:
    """When what happened to whom."""

    def __init__(self):
        self.when = {}

    def event(self, time_s, id, event, place, level, x, y):
        self.when.setdefault(event, {})[id] = time_s

    def spans(self, first, then):
        """Return the times from one event to another, of those to whom both happened, in order of id."""
        one, other = self.when.get(first, {}), self.when.get(then, {})
        return np.array([other[id] - one[id] for id in sorted(one) if id in other])


def desk(service, *, count=60, rate=10.0, queues=("line",), features=(), legs=None, **config):
    """Return a hall with an entrance at its left end, a queue that ends in its middle, and an exit at its right end."""
    made = [
        area("hall", "walkable", rectangle(0, 0, 24, 10)),
        line("in", "entrance", (0, 2), (0, 8)),
        line("out", "exit", (24, 2), (24, 8)),
        *(features or [line("line", "queue", (14, 5), (8, 5))]),
    ]
    group = {
        "start": "in",
        "count": count,
        "arrival": {"kind": "poisson", "rate_per_min": rate},
        "itinerary": legs or [{"service": "desk"}, {"exit": "out"}],
    }
    config = {"duration_s": 36000.0, "profiles": {"adult": EVEN}, **config}
    services = {"desk": {"queues": list(queues), **service}}
    return scenario(made, {"all": group}, **{"services": services, **config})


def run(scene, until=math.inf):
    diary = Diary()
    model = CrowdModel(scene, observer=diary)
    while model.running and model.time_s < until:
        model.step()
    return model, diary


def coarse():
    return movement("collision_free_speed", step_s=0.1)
