"""One step of each further movement model against a slow, plain transcription of its equations."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import area, line, movement, rectangle, scenario

from crowdsim.kernels.collision_free_speed import NEGLIGIBLE
from crowdsim.kernels.fields import look_up
from crowdsim.kernels.half_planes import fastest_allowed
from crowdsim.kernels.optimal_reciprocal import PARTING, REACTION, avoid
from crowdsim.kernels.social_force import NEGLIGIBLE_N
from crowdsim.model import CrowdModel


def crowd_in_a_field(model, count):
    """Return a crowd far from walls that has walked for a moment, and where each wants to go."""
    features = [
        area("field", "walkable", rectangle(0, 0, 60, 60)),
        area("crowd", "zone", rectangle(20, 20, 30, 30)),
        line("out", "exit", (60, 20), (60, 40)),
    ]
    built = CrowdModel(scenario(features, {"all": {"start": "crowd", "count": count}}, movement=movement(model)))
    for _ in range(8):
        built.step()
    crowd = built.state.crowd
    fields = built.navigation.fields
    toward = np.array([look_up(fields, 0, a, b)[1:] for a, b in zip(crowd.x, crowd.y, strict=True)])
    return built, toward


@pytest.mark.parametrize("count", [1, 2, 150])
def test_social_force_agrees_with_the_paper(count):
    """Eqs. 1 and 2 of Helbing, Farkas and Vicsek (2000), driving force and friction taken at the new velocity."""
    built, toward = crowd_in_a_field("social_force", count)
    crowd, law, step = built.state.crowd, built.setup.config.movement, built.step_s
    at = np.column_stack([crowd.x, crowd.y])
    velocity = np.column_stack([crowd.velocity_x, crowd.velocity_y])
    expected = np.empty_like(at)
    for i in range(count):
        force = law.mass_kg * crowd.free_speed[i] * toward[i] / law.relaxation_time_s
        drag = np.eye(2) * law.mass_kg / law.relaxation_time_s
        for j in range(count):
            apart = at[i] - at[j]
            d = np.hypot(*apart)
            if i == j:
                continue
            overlap, normal = crowd.radius[i] + crowd.radius[j] - d, apart / d
            push = law.repulsion_n * np.exp(overlap / law.repulsion_range_m) + law.stiffness_kg_s2 * max(overlap, 0)
            if push < NEGLIGIBLE_N:
                continue
            tangent = np.array([-normal[1], normal[0]])
            slide = law.friction_kg_m_s * max(overlap, 0) * np.outer(tangent, tangent)
            force = force + push * normal + slide @ velocity[j]
            drag = drag + slide
        new = np.linalg.solve(law.mass_kg * np.eye(2) + step * drag, law.mass_kg * velocity[i] + step * force)
        new *= min(1.0, law.top_speed_m_s / np.hypot(*new))
        expected[i] = at[i] + step * new
    built.step()
    # Forces are summed in single precision: off by a part in a million, and a step of 1 cm by 10 nm.
    assert np.abs(np.column_stack([crowd.x, crowd.y]) - expected).max() < 1e-7


@pytest.mark.parametrize("count", [1, 2, 60])
def test_anticipation_velocity_agrees_with_the_paper(count):
    """Eqs. 1 to 7 of Xu, Chraibi and Seyfried (2021) for people who are not in a jam."""
    built, toward = crowd_in_a_field("anticipation_velocity", count)
    crowd, law, step = built.state.crowd, built.setup.config.movement, built.step_s
    crowd.progress[:] = crowd.free_speed  # nobody presses on
    at = np.column_stack([crowd.x, crowd.y])
    velocity = np.column_stack([crowd.velocity_x, crowd.velocity_y])
    heading = np.column_stack([crowd.heading_x, crowd.heading_y])
    expected = np.empty_like(at)
    for i in range(count):
        left = np.array([-toward[i][1], toward[i][0]])
        wanted = toward[i].copy()
        others = [j for j in range(count) if j != i and np.hypot(*(at[j] - at[i])) < law.perception_range_m]
        for j in others:
            offset = at[j] - at[i]
            d = np.hypot(*offset)
            e = offset / d
            if toward[i] @ e < 0 and heading[i] @ e < 0:
                continue
            approach = (velocity[i] - velocity[j]) @ e * law.anticipation_time_s
            gap = max(d - crowd.radius[i] - crowd.radius[j] - approach, 0)
            weight = law.neighbour_strength * (1 + 0.5 * (1 - toward[i] @ heading[j]))
            weight *= np.exp(-gap / law.neighbour_range_m)
            if weight < NEGLIGIBLE:
                continue
            side = left @ (offset + velocity[j] * law.anticipation_time_s)
            wanted = wanted + (-weight if side >= 0 else weight) * left
        wanted /= np.hypot(*wanted)
        new = wanted
        if (toward[i] @ wanted) * (toward[i] @ heading[i]) > 0:
            new = heading[i] + min(step / law.reaction_time_s, 1) * (wanted - heading[i])
            new = new / np.hypot(*new)
        gap = np.inf
        for j in range(count):
            offset, bodies = at[j] - at[i], crowd.radius[i] + crowd.radius[j]
            if j != i and offset @ new > 0 and abs(offset[0] * new[1] - offset[1] * new[0]) <= bodies:
                gap = min(gap, np.hypot(*offset) - bodies)
        expected[i] = at[i] + step * min(crowd.free_speed[i], max(0, gap / law.time_gap_s)) * new
    built.step()
    assert np.abs(np.column_stack([crowd.x, crowd.y]) - expected).max() < 2e-5  # gaps are read in single precision


def brute_force(planes, radius, wanted):
    """Return the allowed velocity nearest to the one wanted, from a fine grid; None if none is allowed."""
    r, a = np.meshgrid(np.linspace(0, radius, 200), np.linspace(0, 2 * np.pi, 721))
    v = np.column_stack([(r * np.cos(a)).ravel(), (r * np.sin(a)).ravel()])
    allowed = np.ones(len(v), bool)
    for x, y, nx, ny in planes:
        allowed &= (v - (x, y)) @ (nx, ny) >= -1e-9
    return None if not allowed.any() else v[allowed][np.argmin(np.hypot(*(v[allowed] - wanted).T))]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.floats(-1, 1), st.floats(0, 6.28)), min_size=1, max_size=6),
    st.tuples(st.floats(-1.5, 1.5), st.floats(-1.5, 1.5)),
)
def test_the_velocity_nearest_to_the_one_wanted_is_found(half_planes, wanted):
    planes = np.array([(d * np.cos(a), d * np.sin(a), np.cos(a), np.sin(a)) for d, a in half_planes])
    best = brute_force(planes, 1.5, np.array(wanted))
    x, y = fastest_allowed(planes, np.empty_like(planes), 0, 1.5, *wanted)
    assert np.hypot(x, y) <= 1.5 + 1e-6
    if best is not None:
        for px, py, nx, ny in planes:
            assert (x - px) * nx + (y - py) * ny >= -1e-6
        assert np.hypot(x - wanted[0], y - wanted[1]) <= np.hypot(*(best - wanted)) + 1e-6


def test_where_no_velocity_is_allowed_the_worst_violation_is_least():
    """Three half-planes at distance d from the centre, facing outwards: the centre violates all alike."""
    angles = np.array([0.3, 0.3 + 2 * np.pi / 3, 0.3 + 4 * np.pi / 3])
    planes = np.column_stack([0.5 * np.cos(angles), 0.5 * np.sin(angles), np.cos(angles), np.sin(angles)])
    x, y = fastest_allowed(planes, np.empty_like(planes), 0, 1.5, 1.0, 0.2)
    assert np.hypot(x, y) < 1e-6


@settings(deadline=None, max_examples=100)
@given(st.floats(0.5, 4), st.floats(0, 6.28), st.floats(-2, 2), st.floats(-2, 2))
def test_the_change_leads_to_the_edge_of_the_velocity_obstacle(distance, angle, vx, vy):
    """After it, two bodies just touch within the time horizon, or just miss each other (section 4)."""
    bodies, horizon = 0.4, 1.5
    dx, dy = distance * np.cos(angle), distance * np.sin(angle)
    ux, uy, nx, ny = avoid(dx, dy, vx, vy, bodies, horizon)
    assert np.hypot(nx, ny) == pytest.approx(1)
    new = np.array([vx + ux, vy + uy])
    times = np.linspace(0, horizon, 4001)
    nearest = np.hypot(dx - times * new[0], dy - times * new[1]).min()
    assert nearest == pytest.approx(bodies, abs=5e-3) or (nearest > bodies and np.hypot(ux, uy) > 0)


def test_bodies_that_overlap_part_in_the_parting_time():
    ux, uy, nx, ny = avoid(0.3, 0.0, 0.0, 0.0, 0.4, 1.0)
    assert (ux, uy) == pytest.approx((-0.1 / PARTING, 0.0))
    assert (nx, ny) == pytest.approx((-1.0, 0.0))


def test_someone_alone_takes_up_the_free_speed_in_the_reaction_time():
    built, _ = crowd_in_a_field("optimal_reciprocal", 1)
    crowd = built.state.crowd
    share = 1 - np.exp(-built.time_s / REACTION)
    assert crowd.speed[0] == pytest.approx(share * crowd.free_speed[0], rel=1e-6)
