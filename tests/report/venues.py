"""Scenes and runs to draw: from one room to a campus, and the cases where there is little or too much to show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from measure.runs import Person, stander, write_run
from scenes import area, line, rectangle, scenario

from crowdsim.record import Recording
from crowdsim.scenario.feature import Feature, Scenario
from crowdsim.venue import build_venue


def room(size: float = 10.0, **config: Any) -> Scenario:
    features = [
        area("hall", "walkable", rectangle(0, 0, size, size)),
        area("crowd", "zone", rectangle(0.1 * size, 0.1 * size, 0.7 * size, 0.9 * size)),
        line("out", "exit", (size, 0.4 * size), (size, 0.6 * size)),
    ]
    return scenario(features, {"all": {"start": "crowd", "count": 20}}, **config)


def rooms(count: int = 12) -> Scenario:
    """Return rooms of 4 m x 5 m on both sides of a corridor, a door each, an exit at either end, one closed."""
    half = count // 2
    features = [area("corridor", "walkable", rectangle(0, 0, 4.3 * half, 3))]
    for k in range(count):
        x, low = 4.3 * (k % half), 3.2 if k < half else -5.2
        features.append(area(f"room_{k}", "walkable", rectangle(x, low, x + 4, low + 5)))
        features.append(area(f"seats_{k}", "zone", rectangle(x + 0.5, low + 1, x + 3.5, low + 4)))
        wall = 3.1 if k < half else -0.1
        features.append(line(f"door_{k}", "door", (x + 1.5, wall), (x + 2.5, wall), depth_m=0.3, open=k != 3))
    features += [
        line("west_exit", "exit", (0, 0.5), (0, 2.5)),
        line("east_exit", "exit", (4.3 * half, 0.5), (4.3 * half, 2.5), open=False),
        line("middle", "measurement_line", (2.1 * half, 0), (2.1 * half, 3)),
        area("before_west", "measurement_area", rectangle(0.5, 0.5, 2.5, 2.5)),
    ]
    groups = {f"group_{k}": {"start": f"seats_{k}", "count": 5} for k in range(count) if k != 3}
    return scenario(features, groups)


def campus() -> Scenario:
    blocks = [rectangle(x, y, x + 40, y + 30) for x in (30, 130, 230) for y in (30, 150)]
    features: list[Feature] = [
        area("grounds", "walkable", rectangle(0, 0, 300, 220)),
        *(area(f"building_{k}", "obstacle", ring) for k, ring in enumerate(blocks)),
        area("square", "zone", rectangle(110, 80, 190, 140)),
        line("gate_in", "entrance", (140, 0), (150, 0)),
        line("gate_out", "exit", (160, 0), (170, 0)),
        area("car_park", "exit", rectangle(270, 190, 300, 220)),
    ]
    groups = {
        "visitors": {
            "start": "gate_in",
            "arrival": {"kind": "table", "until_s": 600.0, "rows": [{"from_s": 0.0, "rate_per_min": 60.0}]},
            "itinerary": [
                {"goal": "square", "dwell": {"distribution": "constant", "value_s": 60.0}},
                {"exit": "nearest"},
            ],
        }
    }
    return scenario(features, groups, title="A campus of 300 m by 220 m")


def long_corridor() -> Scenario:
    features = [
        area("corridor", "walkable", rectangle(0, 0, 200, 6)),
        area("platform", "zone", rectangle(5, 1, 60, 5)),
        line("out", "exit", (200, 1), (200, 5)),
    ]
    return scenario(features, {"all": {"start": "platform", "count": 50}}, title="A corridor of 200 m")


def tower() -> Scenario:
    features = [
        area("corridor", "walkable", rectangle(0, 0, 3, 40)),
        area("landing", "zone", rectangle(0.5, 30, 2.5, 39)),
        line("out", "exit", (1, 0), (2, 0)),
    ]
    return scenario(features, {"all": {"start": "landing", "count": 10}}, title="A corridor as narrow as it is long")


def many_exits(count: int = 30) -> Scenario:
    features = [
        area("hall", "walkable", rectangle(0, 0, 3 * count, 30)),
        area("floor", "zone", rectangle(5, 5, 3 * count - 5, 25)),
    ]
    features += [line(f"exit_{k}", "exit", (3 * k + 1, 0), (3 * k + 2, 0), open=k % 7 != 6) for k in range(count)]
    return scenario(features, {"all": {"start": "floor", "count": 300}})


def strange_names() -> Scenario:
    title = "Costs $x_{ to $5 to enter; <b>a title that is far too long for one line</b> " * 2
    features = [
        area("hall", "walkable", rectangle(0, 0, 10, 10)),
        area("a zone with a name so long that no list beside a plan has room for it, not even here", "zone",
             rectangle(1, 1, 9, 9)),
        line("Ausgang_" + "nord" * 20, "exit", (10, 4), (10, 5)),
    ]  # fmt: skip
    return scenario(features, {"all": {"start": features[1].name, "count": 5}}, title=title)


SCENES = {
    "room": room,
    "small_room": lambda: room(5.0),
    "rooms": rooms,
    "campus": campus,
    "long_corridor": long_corridor,
    "tower": tower,
    "many_exits": many_exits,
    "strange_names": strange_names,
}


def leaving(scene: Scenario, count: int, *, every_s: float = 1.0) -> list[Person]:
    """Return people who walk from the middle of the venue to its open exits in turn, one after another."""
    venue = build_venue(scene)
    exits = list(venue.open_exits.values())
    start = venue.walkable.representative_point()
    people = []
    for k in range(count):
        exit_ = exits[k % len(exits)]
        end = (exit_.line or exit_.area).centroid
        begins = k * every_s
        people.append(Person(((begins, start.x, start.y), (begins + 20.0, end.x, end.y)), exit_.name))
    return people


def recorded(folder: Path, scene: Scenario, count: int = 40, *, until_s: float = 120.0, **settings: Any) -> Recording:
    return write_run(folder, scene, leaving(scene, count), until_s=until_s, **settings)


def crowded(folder: Path) -> Recording:
    """Return a run in which 5.8 people/m2 stand in the middle of a room for 60 s."""
    spacing = 0.41
    people = [stander(3 + spacing * i, 3 + spacing * j) for i in range(10) for j in range(10)]
    return write_run(folder, room(), people, until_s=60.0)
