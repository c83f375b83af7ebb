"""However people press before queues, and wherever they stand at first, they are all served in the end."""

import pytest
from desks import run
from levels import person
from scenes import area, line, rectangle, scenario

DEPTH_M, ROOM_BEHIND_M = 8.0, 8.0


def lanes(count, *, pitch, length, width, rails, walled, people, seed=1, open=None, **config):
    """Return a room with lanes on its way to the exit, and people in the part before them.

    Parameters
    ----------
    pitch, length : from one lane to the next, and along each [m].
    width : of the room [m].
    rails, walled : whether there are rails between the lanes, and walls from them to the sides of the room.
    open : how many of the lanes are open; None for all.
    """
    low = (width - count * pitch) / 2
    end = DEPTH_M + length
    middles = [low + pitch * (k + 0.5) for k in range(count)]
    made = [
        area("ground", "walkable", rectangle(0, 0, end + ROOM_BEHIND_M, width)),
        area("start", "zone", rectangle(0.5, 0.5, DEPTH_M - 0.5, width - 0.5)),
        line("out", "exit", (end + ROOM_BEHIND_M, 0.2 * width), (end + ROOM_BEHIND_M, 0.8 * width)),
        *(line(f"lane_{k}", "queue", (end, y), (DEPTH_M, y)) for k, y in enumerate(middles)),
    ]
    if rails:
        between = [y + pitch / 2 for y in middles[:-1]]
        made += [
            area(f"rail_{k}", "obstacle", rectangle(DEPTH_M, y - 0.05, end + 0.2, y + 0.05))
            for k, y in enumerate(between)
        ]
    if walled:
        made += [
            area("below", "obstacle", rectangle(DEPTH_M, 0, end + 0.2, low)),
            area("above", "obstacle", rectangle(DEPTH_M, width - low, end + 0.2, width)),
        ]
    desk = {
        "queues": [f"lane_{k}" for k in range(count)],
        "lanes": open or count,
        "time": {"distribution": "exponential", "mean_s": 0.5},
    }
    group = {"start": "start", "count": people, "itinerary": [{"service": "desk"}, {"exit": "out"}]}
    profiles = {"adult": person(1.34)}
    services = {"desk": desk}
    return scenario(made, {"all": group}, profiles=profiles, services=services, duration_s=900.0, seed=seed, **config)


@pytest.mark.parametrize("routes", ["shortest", "quickest"])
@pytest.mark.parametrize(
    "layout",
    [
        {"count": 1, "pitch": 2.5, "length": 4.0, "width": 14.5, "rails": False, "walled": False, "people": 120},
        {"count": 1, "pitch": 1.2, "length": 8.0, "width": 7.2, "rails": False, "walled": False, "people": 80},
        {"count": 3, "pitch": 2.5, "length": 8.0, "width": 13.5, "rails": False, "walled": False, "people": 150},
        {"count": 3, "pitch": 2.5, "length": 6.0, "width": 22.0, "rails": True, "walled": True, "people": 90},
        {"count": 5, "pitch": 1.1, "length": 8.0, "width": 10.5, "rails": True, "walled": False, "people": 80},
        {
            "count": 4,
            "pitch": 2.5,
            "length": 8.0,
            "width": 20.0,
            "rails": True,
            "walled": False,
            "people": 150,
            "open": 1,
        },
    ],
    ids=["a line in the open", "a long line", "three in the open", "wide lanes", "narrow lanes", "one of four"],
)
def test_everyone_is_served(layout, routes):
    model, diary = run(lanes(**layout, routes=routes))
    assert model.exited_count == layout["people"]
    assert len(diary.when["served"]) == layout["people"]
