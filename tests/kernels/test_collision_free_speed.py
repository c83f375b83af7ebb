"""One step of the kernel against a slow, plain transcription of the paper's equations."""

import numpy as np
import pytest
from scenes import area, line, movement, rectangle, scenario

from crowdsim.kernels.collision_free_speed import NEGLIGIBLE
from crowdsim.kernels.fields import look_up
from crowdsim.model import CrowdModel

A, D, T, STEP = 5.0, 0.1, 1.0, 0.05
PAPER = {"time_gap_s": T, "neighbour_strength": A, "neighbour_range_m": D}


def step_by_the_paper(x, y, radius, free_speed, toward):
    """Eqs. 1 to 6 of Tordeux, Chraibi and Seyfried (2016) for people far from walls."""
    moved = np.empty((x.size, 2))
    for i in range(x.size):
        others = np.flatnonzero(np.arange(x.size) != i)
        away = np.column_stack([x[i] - x[others], y[i] - y[others]])
        s = np.hypot(*away.T)
        away /= s[:, None]
        bodies = radius[i] + radius[others]
        push = A * np.exp((bodies - s) / D)
        push[push < NEGLIGIBLE] = 0.0  # the only thing left out
        heading = toward[i] + (push[:, None] * away).sum(axis=0)
        heading /= np.hypot(*heading)
        ahead = -(away @ heading) * s
        aside = np.abs(away @ np.array([-heading[1], heading[0]])) * s
        in_front = (ahead > 0) & (aside <= bodies)
        gap = (s - bodies)[in_front].min(initial=np.inf)
        speed = min(free_speed[i], max(0.0, gap / T))
        moved[i] = np.array([x[i], y[i]]) + STEP * speed * heading
    return moved


def test_without_repulsion_people_walk_straight_on():
    features = [
        area("field", "walkable", rectangle(0, 0, 60, 60)),
        area("crowd", "zone", rectangle(20, 20, 34, 34)),
        line("out", "exit", (60, 0), (60, 60)),
    ]
    own = movement("collision_free_speed", **{**PAPER, "neighbour_strength": 0.0})
    model = CrowdModel(scenario(features, {"all": {"start": "crowd", "count": 50}}, movement=own))
    before = model.state.crowd.y.copy()
    for _ in range(10):
        model.step()
    assert np.abs(model.state.crowd.y - before).max() < 1e-3


@pytest.mark.parametrize("count", [1, 2, 200])
def test_a_step_agrees_with_the_paper(count):
    features = [
        area("field", "walkable", rectangle(0, 0, 60, 60)),
        area("crowd", "zone", rectangle(20, 20, 34, 34)),
        line("out", "exit", (60, 20), (60, 40)),
    ]
    own = movement("collision_free_speed", **PAPER)
    model = CrowdModel(scenario(features, {"all": {"start": "crowd", "count": count}}, movement=own))
    crowd = model.state.crowd
    x, y = crowd.x.copy(), crowd.y.copy()
    toward = np.array([look_up(model.navigation.fields, 0, a, b)[1:] for a, b in zip(x, y, strict=True)])
    expected = step_by_the_paper(x, y, crowd.radius, crowd.free_speed, toward)
    model.step()
    # Neighbours' places are read in single precision, from the corner of the venue: micrometres.
    assert np.abs(np.column_stack([crowd.x, crowd.y]) - expected).max() < 2e-5


def test_someone_alone_walks_at_the_free_speed():
    features = [
        area("hall", "walkable", rectangle(0, 0, 30, 10)),
        area("start", "zone", rectangle(2, 2, 5, 8)),
        line("out", "exit", (30, 4), (30, 6)),
    ]
    model = CrowdModel(scenario(features, {"one": {"start": "start", "count": 1}}))
    crowd = model.state.crowd
    before = crowd.x[0], crowd.y[0]
    for _ in range(20):
        model.step()
    assert np.isclose(np.hypot(crowd.x[0] - before[0], crowd.y[0] - before[1]), crowd.free_speed[0], rtol=1e-3)


def test_people_in_file_keep_the_time_gap_of_equation_5():
    """Behind a slow leader, everyone ends up at the leader's speed with a gap of speed times T."""
    features = [
        area("corridor", "walkable", rectangle(0, 0, 60, 0.6)),
        area("crowd", "zone", rectangle(0, 0, 8, 0.6)),
        line("out", "exit", (60, 0), (60, 0.6)),
    ]
    profile = {"free_speed_m_s": {"mean": 1.3, "sd": 0.0, "min": 1.3, "max": 1.3}}
    profile["body_radius_m"] = {"mean": 0.2, "sd": 0.0, "min": 0.2, "max": 0.2}
    own = movement("collision_free_speed", **PAPER)
    model = CrowdModel(
        scenario(features, {"all": {"start": "crowd", "count": 6}}, profiles={"adult": profile}, movement=own)
    )
    crowd = model.state.crowd
    leader = int(np.argmax(crowd.x))
    crowd.free_speed[leader] = 0.5
    while crowd.x[leader] < 25:
        model.step()
    order = np.argsort(-crowd.x)
    gaps = -np.diff(crowd.x[order]) - 0.4
    assert np.allclose(crowd.speed[order], 0.5, atol=0.02)
    assert np.allclose(gaps, 0.5 * T, atol=0.05)


def test_a_profile_can_have_a_time_gap_of_its_own():
    """Behind a slow leader, those of the profile with the longer time gap keep the longer gaps."""
    features = [
        area("corridor", "walkable", rectangle(0, 0, 60, 0.6)),
        area("crowd", "zone", rectangle(0, 0, 8, 0.6)),
        line("out", "exit", (60, 0), (60, 0.6)),
    ]
    profile = {"free_speed_m_s": {"mean": 1.3, "sd": 0.0, "min": 1.3, "max": 1.3}}
    profile["body_radius_m"] = {"mean": 0.2, "sd": 0.0, "min": 0.2, "max": 0.2}
    profile["time_gap_s"] = {"mean": 1.6, "sd": 0.2, "min": 1.0, "max": 2.2}
    model = CrowdModel(scenario(features, {"all": {"start": "crowd", "count": 6}}, profiles={"adult": profile}))
    crowd = model.state.crowd
    assert len(set(crowd.time_gap)) == 6
    crowd.free_speed[int(np.argmax(crowd.x))] = 0.7
    while crowd.x.max() < 45:
        model.step()
    order = np.argsort(-crowd.x)
    gaps = -np.diff(crowd.x[order]) - 0.4
    assert np.allclose(gaps, 0.7 * crowd.time_gap[order[1:]], atol=0.05)
