"""Physical truths of a run: nobody lost, nobody in walls, the same run again, flows as in experiments."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from mesa import DataCollector
from scenes import area, hall, line, rectangle, scenario

from crowdsim.model import Attendee, CrowdModel


def run_watching(model: CrowdModel, every: int = 10) -> CrowdModel:
    """Run a model to its end; on the way, nobody may be in a wall or be lost."""
    walkable = model.venue.walkable
    shapely.prepare(walkable)
    step = 0
    while model.running:
        model.step()
        step += 1
        assert model.entered_count == model.exited_count + model.inside_count
        assert len(model.agents) == model.inside_count
        if step % every == 0:
            inside = model.state.inside
            x, y = model.state.crowd.x[inside], model.state.crowd.y[inside]
            assert shapely.contains_xy(walkable, x, y).all()
            assert np.isfinite(model.state.crowd.speed[inside]).all()
    return model


@settings(max_examples=12)
@given(st.integers(1, 120), st.floats(0.6, 3.0), st.integers(0, 1000))
def test_everyone_gets_out_and_nobody_through_a_wall(count, door, seed):
    model = run_watching(CrowdModel(hall(8, 6, count, door=door, seed=seed, duration_s=600.0)))
    assert model.exited_count == count
    assert (model.state.exit_s > model.state.entry_s).all()


def test_thin_partitions_and_corners_hold_a_dense_crowd():
    features = [
        area("room", "walkable", rectangle(0, 0, 10, 8)),
        area("partition", "obstacle", rectangle(6, 1.2, 6.03, 8)),
        area("wedge", "obstacle", [(7, 3), (9, 4), (7, 3.4)]),
        area("start", "zone", rectangle(0, 0, 5.9, 8)),
        line("out", "exit", (10, 6.8), (10, 7.8)),
    ]
    model = run_watching(CrowdModel(scenario(features, {"a": {"start": "start", "count": 160}}, duration_s=600.0)))
    assert model.exited_count == 160


@pytest.mark.parametrize("door", [0.6, 0.8, 1.0, 1.2, 2.0])
def test_a_packed_hall_empties_at_an_experimental_rate(door):
    """Specific flow at doors: 1.3 to 2.4 /(m s) in experiments with normal motivation (Seyfried et al. 2009)."""
    model = CrowdModel(hall(8, 8, 240, door=door, duration_s=600.0))
    while model.running:
        model.step()
    assert model.exited_count == 240
    times = np.sort(model.state.exit_s)
    specific = 0.6 * 240 / (times[int(0.8 * 240)] - times[int(0.2 * 240)]) / door
    assert 1.3 <= specific <= 2.4


@pytest.mark.parametrize("count", [60, 700])
def test_runs_are_bit_identical_again_and_for_any_number_of_threads(count):
    def fingerprint(**config):
        model = CrowdModel(hall(25, 20, count, door=3.0, **config))
        for _ in range(300):
            model.step()
        return np.concatenate([model.state.crowd.x, model.state.crowd.y, model.state.crowd.speed]).tobytes()

    first = fingerprint(threads=1)
    assert fingerprint(threads=1) == first
    assert fingerprint(threads=2) == first
    assert fingerprint(threads=1, seed=2) != first


def test_no_interrupt_is_lost_in_a_step():
    """Compiled code may call Python code and drop what it raises: wherever an interrupt comes, it must come through."""
    model = CrowdModel(hall(25, 20, 600, door=3.0, threads=2))
    model.step()

    def calls_in_a_step(interrupt_at: int) -> int:
        calls = 0

        def watch(frame, event, argument):
            nonlocal calls
            calls += event == "call"
            if calls == interrupt_at and event == "call":
                raise KeyboardInterrupt

        sys.setprofile(watch)
        try:
            model.stepper.move(model.state)
            model.decisions.walk_to(model.state.inside[:5], model.navigation.indices(["out"]))
        finally:
            sys.setprofile(None)
        return calls

    calls = calls_in_a_step(-1)
    assert calls > 5
    for k in range(1, calls + 1):
        with pytest.raises(KeyboardInterrupt):
            calls_in_a_step(k)


def test_pre_movement_keeps_people_where_they_are():
    wait = {"distribution": "uniform", "min_s": 5.0, "max_s": 10.0}
    features = hall(10, 10, 1).features
    model = CrowdModel(scenario(list(features), {"a": {"start": "crowd", "count": 20, "pre_movement": wait}}))
    before = model.state.crowd.x.copy()
    while model.time_s < 4.9:
        model.step()
    assert np.array_equal(model.state.crowd.x, before)
    while model.time_s < 10.1:
        model.step()
    assert (model.state.crowd.x != before).all()
    assert np.allclose(model.state.waited_s, model.population.pre_movement_s)


def visitors(**group):
    features = [
        area("hall", "walkable", rectangle(0, 0, 30, 10)),
        area("bar", "zone", rectangle(12, 6, 16, 9)),
        line("in", "entrance", (0, 4), (0, 6)),
        line("out", "exit", (30, 4), (30, 6)),
    ]
    stay = {"distribution": "constant", "value_s": 30.0}
    base = {"start": "in", "itinerary": [{"goal": "bar", "dwell": stay}, {"exit": "out"}]}
    return scenario(features, {"guests": base | group}, duration_s=900.0)


def test_an_itinerary_is_walked_in_order_with_its_stays():
    seen = []

    class Log:
        def event(self, time_s, id, event, place, level, x, y):
            seen.append((id, event, place, time_s))

    scene = visitors(count=3, arrival={"kind": "constant", "rate_per_min": 6.0})
    model = run_watching(CrowdModel(scene, observer=Log()))
    assert model.exited_count == 3
    for id in range(3):
        mine = [(event, place, time) for i, event, place, time in seen if i == id]
        assert [m[:2] for m in mine] == [
            ("entered", "in"), ("started", "in"), ("arrived", "bar"), ("left", "bar"), ("exited", "out"),
        ]  # fmt: skip
        assert mine[0][2] == pytest.approx(10 * id, abs=0.051)
        assert mine[3][2] - mine[2][2] == pytest.approx(30, abs=0.051)


def test_travel_time_is_free_walk_plus_waiting_plus_delay():
    model = CrowdModel(visitors(count=1, arrival={"kind": "constant", "rate_per_min": 6.0}))
    while model.running:
        model.step()
    state = model.state
    travel = state.exit_s[0] - state.entry_s[0]
    # Alone, there is no delay but the few steps from the zone's edge to the own spot and back.
    assert travel == pytest.approx(state.free_walk_s[0] + state.waited_s[0], abs=3.0)


def test_a_blocked_entrance_makes_people_wait_outside_in_order():
    features = [
        area("lobby", "walkable", rectangle(0, 0, 3, 2)),
        line("in", "entrance", (0, 0.5), (0, 1.5)),
        line("out", "exit", (3, 0.7), (3, 1.3)),
    ]
    group = {"start": "in", "count": 200, "arrival": {"kind": "constant", "rate_per_min": 3000.0}}
    model = run_watching(CrowdModel(scenario(features, {"a": group}, duration_s=600.0)))
    entry = model.state.entry_s
    assert model.exited_count == 200
    assert (np.diff(entry) >= 0).all()
    assert entry[-1] > model.population.due_s[-1] + 20
    assert model.time_s < 600


def test_mesa_tools_work_on_the_model():
    """AgentSet selections and a DataCollector, as in any Mesa model."""
    model = CrowdModel(hall(10, 10, 30))
    collector = DataCollector(
        model_reporters={
            "inside": "inside_count",
            "mean_speed": lambda m: float(m.state.crowd.speed[m.state.inside].mean()),
        },
        agent_reporters={"speed": "speed", "pos": "pos"},
    )
    for _ in range(10):
        model.step()
        collector.collect(model)
    frame = collector.get_model_vars_dataframe()
    assert frame["inside"].iloc[-1] == model.inside_count == len(model.agents)
    agents = collector.get_agent_vars_dataframe()
    assert len(agents) == frame["inside"].sum()
    fast = model.agents.select(lambda a: a.free_speed > 1.34)
    assert 0 < len(fast) < 30
    assert set(model.agents_by_type) == {Attendee}
    agent = next(iter(model.agents))
    assert agent.pos == (model.state.crowd.x[agent.id], model.state.crowd.y[agent.id])
    assert agent.group == "all"
    assert agent.profile == "adult"
    assert agent.goal == "out"
    agent.free_speed = 99.0
    assert agent.free_speed == model.fastest_m_s
    with pytest.raises(AttributeError):
        agent.pos = (1.0, 1.0)


def test_agents_are_those_inside_whenever_somebody_asks_and_nobody_twice():
    asked, unasked = CrowdModel(hall(25, 20, 60, door=3.0)), CrowdModel(hall(25, 20, 60, door=3.0))
    known = {}
    while asked.running:
        asked.step()
        unasked.step()
        assert [agent.id for agent in asked.agents] == asked.state.inside.tolist()
        assert all(known.setdefault(agent.id, agent) is agent for agent in asked.agents)
        assert len(asked.agents_by_type.get(Attendee, ())) == asked.inside_count
        if 20 < unasked.inside_count < 30:
            assert [agent.id for agent in unasked.agents] == unasked.state.inside.tolist()
    assert len(known) == 60
    assert len(asked.agents) == len(unasked.agents) == 0


def test_attendees_can_be_slowed_by_scripts():
    model = CrowdModel(hall(20, 10, 1))
    next(iter(model.agents)).free_speed = 0.3
    model.step()
    assert model.state.crowd.speed[0] == pytest.approx(0.3, rel=1e-3)


def test_an_exit_drawn_as_an_area_and_an_exit_line_inside_the_hall_let_people_out():
    for out in (area("out", "exit", rectangle(8, 4, 9, 6)), line("out", "exit", (7, 0), (7, 10))):
        features = [
            area("hall", "walkable", rectangle(0, 0, 10, 10)),
            area("start", "zone", rectangle(0, 0, 5, 10)),
            out,
        ]
        model = run_watching(CrowdModel(scenario(features, {"a": {"start": "start", "count": 30}})))
        assert model.exited_count == 30


def test_standing_inside_the_goal_is_arriving():
    features = [
        area("hall", "walkable", rectangle(0, 0, 10, 10)),
        area("all", "zone", rectangle(0, 0, 10, 10)),
    ]
    features.append(line("out", "exit", (10, 4), (10, 6)))
    stay = {"distribution": "constant", "value_s": 5.0}
    group = {"start": "all", "count": 5, "itinerary": [{"goal": "all", "dwell": stay}, {"exit": "nearest"}]}
    model = run_watching(CrowdModel(scenario(features, {"a": group})))
    assert model.exited_count == 5
    assert model.state.waited_s == pytest.approx(5.0)


def test_freshly_compiled_kernels_give_what_loaded_ones_give(tmp_path):
    """The compiler must not round differently where it puts one kernel into another."""
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]);"
        "from scenes import hall, movement; from crowdsim.model import CrowdModel;"
        "model = CrowdModel(hall(6, 6, 100, movement=movement('anticipation_velocity')));"
        "[model.step() for _ in range(20)];"
        "print(model.state.crowd['x'].tobytes().hex())"
    )
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", script, str(Path(__file__).parents[1])]
    compiled, loaded = (subprocess.run(command, env=environment, capture_output=True, check=True) for _ in range(2))
    assert compiled.stdout == loaded.stdout
