import itertools
import math

import numpy as np
import pytest
import shapely
from scenes import area, hall, line, rectangle, scenario
from shapely import LineString, Polygon

from crowdsim.kernels.fields import look_up
from crowdsim.model import CrowdModel
from crowdsim.navigation import build_navigation
from crowdsim.navigation.fields import build_fields, read_field
from crowdsim.navigation.grid import build_grid, choose_step
from crowdsim.venue import build_venue

CLEARANCE = 0.18


def walked(model: CrowdModel, row: int = 0) -> tuple[float, np.ndarray]:
    """Let everyone walk out; return the length of one attendee's way and where it began."""
    crowd = model.state.crowd
    begin = np.array([crowd.x[row], crowd.y[row]])
    at, length = begin, 0.0
    while model.running:
        model.step()
        now = np.array([crowd.x[row], crowd.y[row]])
        length += float(np.hypot(*(now - at)))
        at = now
    return length, begin


@pytest.mark.parametrize("seed", range(6))
def test_a_walk_across_an_empty_hall_is_straight(seed):
    features = [
        area("hall", "walkable", rectangle(0, 0, 40, 30)),
        area("start", "zone", rectangle(0, 0, 10, 30)),
        line("out", "exit", (40, 14), (40, 16)),
    ]
    model = CrowdModel(scenario(features, {"one": {"start": "start", "count": 1}}, seed=seed))
    length, begin = walked(model)
    nearest = np.array([40.0, np.clip(begin[1], 14 + CLEARANCE, 16 - CLEARANCE)])
    straight = float(np.hypot(*(nearest - begin)))
    assert length <= 1.02 * straight
    assert length >= straight - 0.1  # the last step may end a step short of the line


def visibility_optimum(start, goal, obstacles):
    """Length of the shortest way of a body's centre round obstacles, by brute force over a visibility graph."""
    solids = [Polygon(ring).buffer(CLEARANCE, quad_segs=4) for ring in obstacles]
    rings = [solid.exterior.coords[:-1] for solid in solids]
    corners = [start, goal] + [(x, y) for ring in rings for x, y in ring if 0 < x < 30 and 0 < y < 30]
    distance = dict.fromkeys(range(len(corners)), math.inf)
    distance[0] = 0.0
    free = {
        (i, j)
        for i, j in itertools.combinations(range(len(corners)), 2)
        if not any(LineString([corners[i], corners[j]]).relate_pattern(solid, "T********") for solid in solids)
    }
    for _ in corners:
        for i, j in free:
            step = math.dist(corners[i], corners[j])
            distance[j] = min(distance[j], distance[i] + step)
            distance[i] = min(distance[i], distance[j] + step)
    return distance[1]


OBSTACLES = {
    "slab": [rectangle(10, 3, 12, 27)],
    "two slabs": [rectangle(8, 0.0, 9, 20), rectangle(16, 8, 17, 30.0)],
    "diamond": [[(15, 5), (22, 15), (15, 25), (8, 15)]],
    "thin": [rectangle(14, 5, 14.02, 30.0)],
}


@pytest.mark.parametrize("name", OBSTACLES)
def test_the_way_round_obstacles_is_the_shortest(name):
    rings = OBSTACLES[name]
    features = [
        area("hall", "walkable", rectangle(0, 0, 30, 30)),
        area("goal", "zone", rectangle(26.5, 14.5, 27.5, 15.5)),
    ]
    features += [area(f"o{k}", "obstacle", ring) for k, ring in enumerate(rings)]
    features += [line("out", "exit", (30, 1), (30, 3)), area("start", "zone", rectangle(1, 1, 3, 29))]
    scene = scenario(features, {"a": {"start": "start", "count": 1}})
    navigation = build_navigation(build_venue(scene), ["goal"], CLEARANCE, 3.0)
    for start in [(2, 2), (2, 9), (2, 15), (3, 22), (2, 28)]:
        distance, _, _ = look_up(navigation.fields, 0, *start)
        best = min(
            visibility_optimum(start, corner, rings) for corner in [(26.5, y) for y in np.linspace(14.5, 15.5, 5)]
        )
        assert distance == pytest.approx(best, rel=0.02), start


@pytest.mark.parametrize("angle", [0.0, 0.3, 0.7, 1.1])
def test_directions_point_along_straight_lines_at_any_angle(angle):
    cos, sin = math.cos(angle), math.sin(angle)
    room = Polygon([(c * x - s * y, s * x + c * y) for x, y in rectangle(0, 0, 20, 12) for c, s in [(cos, sin)]])
    grid = build_grid(room, CLEARANCE, 0.25)
    goal = Polygon([(cos * x - sin * y, sin * x + cos * y) for x, y in rectangle(19, 0, 20, 12)])
    distance, dx, dy = read_field(build_fields(grid, [goal]), 0)
    x, y = np.meshgrid(*grid.nodes())
    middle = np.isfinite(distance) & (distance > 1) & (distance < 18)
    clear = middle & (shapely.distance(shapely.points(x, y), room.boundary) > 1.0)
    turned = np.rad2deg(np.abs(np.arctan2(dy, dx) - angle))
    # Five degrees off make a way 0.4 % longer.
    assert turned[clear].max() < 5.0
    # Nodes beside a slanted wall form stairs; people there are turned by some degrees at most.
    assert np.percentile(turned[middle], 99) < 15.0
    error = np.abs(distance - (19 - (cos * x + sin * y)))
    assert error[clear].max() < 0.05
    assert error[middle].max() < 0.5 * grid.step_m


def test_a_thin_wall_does_not_leak():
    """Next to a wall 2 cm thick, directions lead along it, not through it."""
    features = [
        area("hall", "walkable", rectangle(0, 0, 10, 10)),
        area("wall", "obstacle", rectangle(5, 0, 5.02, 8)),
        area("start", "zone", rectangle(0.5, 0.5, 4.5, 2)),
        line("out", "exit", (10, 0.5), (10, 2)),
    ]
    model = CrowdModel(scenario(features, {"a": {"start": "start", "count": 10}}))
    d, _, _ = look_up(model.navigation.fields, 0, 4.7, 1.0)
    assert d > 12
    while model.running:
        model.step()
        crowd, inside = model.state.crowd, model.state.inside
        near = np.abs(crowd.x[inside] - 5.01) < 0.15
        assert (crowd.y[inside][near] > 8).all()
    assert model.exited_count == 10


def test_the_grid_is_fine_enough_for_the_narrowest_passage():
    assert choose_step(2.0, 0.2) == 0.25
    assert choose_step(0.6, 0.2) == pytest.approx(0.1)
    assert choose_step(math.inf, 0.15) < math.sqrt(2) * 0.15


def test_the_free_nodes_are_those_inside_and_clear_of_walls():
    room = Polygon(rectangle(0, 0, 6, 5), [[(2, 2), (3, 2.5), (2.5, 3)]]).union(Polygon([(6, 1), (9, 3), (6, 2)]))
    grid = build_grid(room, CLEARANCE, 0.1)
    x, y = np.meshgrid(*grid.nodes())
    inside = shapely.contains_xy(room, x, y)
    distance = shapely.distance(shapely.points(x, y), room.boundary)
    assert np.array_equal(grid.free, inside & (distance >= CLEARANCE - 1e-6))


def test_the_nearest_exit_is_the_nearest_by_walking():
    features = [
        area("hall", "walkable", rectangle(0, 0, 20, 10)),
        area("wall", "obstacle", rectangle(0, 4, 15, 4.2)),
        area("start", "zone", rectangle(0.5, 4.5, 2, 9.5)),
        line("near_by_air", "exit", (1, 0), (3, 0)),
        line("near_on_foot", "exit", (20, 7), (20, 9)),
    ]
    model = CrowdModel(scenario(features, {"a": {"start": "start", "count": 5}}))
    assert {agent.goal for agent in model.agents} == {"near_on_foot"}


def test_an_unhurried_hall_uses_the_default_step():
    model = CrowdModel(hall(10, 10, 1, door=2.0))
    assert model.navigation.grid.step_m == pytest.approx(0.25)
