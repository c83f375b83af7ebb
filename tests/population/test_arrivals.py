"""Who comes, when and through which start: numbers that are exact, and times that follow their distributions."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scenes import area, hall, line, rectangle, scenario
from scipy.stats import binomtest, chisquare, kstest

from crowdsim import CrowdModel, ScenarioError
from crowdsim.population import plan_population
from crowdsim.population.arrivals import apportion, draw_arrivals, draw_due
from crowdsim.population.at_start import find_crowded_starts
from crowdsim.population.draw import generator
from crowdsim.scenario.arrival import (
    ConstantRate,
    CountRow,
    CountTable,
    Poisson,
    Pulses,
    RateRow,
    RateTable,
    vehicle_times,
)
from crowdsim.scenario.distributions import Constant, Exponential, Uniform
from crowdsim.scenario.group import AttendeeGroup, LateComers
from crowdsim.venue import build_venue

SEED = 5


def test_a_constant_rate_is_evenly_spaced():
    times = draw_arrivals(ConstantRate(kind="constant", rate_per_min=30.0, start_s=10.0), 5, generator(1, "x"))
    assert np.allclose(times, [10, 12, 14, 16, 18])


def test_poisson_gaps_are_exponential():
    times = draw_arrivals(Poisson(kind="poisson", rate_per_min=60.0), 4000, generator(1, "x"))
    assert kstest(np.diff(times), "expon").pvalue > 0.01


TABLE = RateTable(
    kind="table",
    until_s=600.0,
    rows=(
        RateRow(from_s=0.0, rate_per_min=0.0),
        RateRow(from_s=60.0, rate_per_min=60.0),
        RateRow(from_s=120.0, rate_per_min=0.0),
        RateRow(from_s=300.0, rate_per_min=12.0),
    ),
)


def test_a_rate_table_brings_people_when_it_says():
    times = draw_arrivals(TABLE, 1200, generator(1, "x"))
    assert times.size == 1200
    early = ((times >= 60) & (times < 120)).sum()
    late = ((times >= 300) & (times < 600)).sum()
    assert early + late == 1200
    assert early == pytest.approx(600, abs=75)  # half of them, three standard deviations


def test_a_rate_table_without_count_brings_its_total():
    table = RateTable(kind="table", until_s=TABLE.until_s, rows=TABLE.rows, random=False)
    times = draw_arrivals(table, None, generator(1, "x"))
    assert times.size == 120
    assert ((times >= 60) & (times < 120)).sum() == 60


def counted(counts, width_s=300.0, first_s=0.0, **settings):
    """Return a table of counts, each over the same time."""
    rows = tuple(CountRow(from_s=first_s + k * width_s, count=count) for k, count in enumerate(counts))
    return CountTable(kind="counts", until_s=first_s + len(counts) * width_s, rows=rows, **settings)


@given(st.integers(0, 10**7), st.lists(st.floats(0, 1e9), min_size=1, max_size=40).filter(any))
@example(2, [1.0, 1.0, 1.0])
@example(7, [5e-324])
def test_parts_add_up_and_are_within_one_of_what_is_due(total, weights):
    parts = apportion(total, weights)
    assert parts.sum() == total
    assert (parts >= 0).all()
    exact = total * (np.array(weights) / np.sum(weights))
    assert (np.abs(parts - exact) < 1 + 1e-6).all()


def test_parts_by_hand():
    assert apportion(10, [1, 1, 1]).tolist() == [4, 3, 3]  # the first of equal remainders
    assert apportion(100, [35, 120, 45, 0]).tolist() == [18, 60, 22, 0]  # 17.5, 60, 22.5


@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=12).filter(any),
    st.floats(0.1, 1e4),
    st.floats(0, 1e6),
    st.booleans(),
    st.none() | st.integers(1, 400),
)
def test_as_many_come_in_each_interval_as_were_counted(counts, width_s, first_s, random, count):
    table = counted(counts, width_s, first_s, random=random)
    times = draw_arrivals(table, count, generator(SEED, "x"))
    assert (np.diff(times) >= 0).all()
    edges = np.array([row.from_s for row in table.rows] + [table.until_s])
    expected = counts if count is None else apportion(count, counts)
    came = [((times >= low) & (times < high)).sum() for low, high in pairwise(edges)]
    assert came == list(expected)
    assert times.size == sum(expected)


def test_counted_people_come_evenly_at_random_within_their_interval():
    times = draw_arrivals(counted([2000, 500]), None, generator(SEED, "x"))
    assert kstest(times[:2000], "uniform", args=(0, 300)).pvalue > 0.01
    assert kstest(times[2000:], "uniform", args=(300, 300)).pvalue > 0.01


def test_counted_people_who_do_not_come_at_random_are_evenly_spread():
    times = draw_arrivals(counted([3, 0, 2], random=False), None, generator(SEED, "x"))
    assert times == pytest.approx([50, 150, 250, 675, 825])


def test_a_timetable_ends_with_the_last_vehicle_that_is_not_too_late():
    by_interval = Pulses(kind="pulses", over_s=60.0, first_s=600.0, every_s=900.0, until_s=7200.0)
    assert vehicle_times(by_interval) == (600, 1500, 2400, 3300, 4200, 5100, 6000, 6900)
    assert vehicle_times(Pulses(kind="pulses", over_s=60.0, every_s=0.1, until_s=0.3)) == pytest.approx(
        [0, 0.1, 0.2, 0.3]
    )


VEHICLES = (600.0, 1500.0, 2400.0)


def of_each(times, width_s=60.0, at_s=VEHICLES):
    return [((times >= at) & (times <= at + width_s)).sum() for at in at_s]


def test_vehicles_share_people_evenly_and_let_them_out_in_time():
    pulses = Pulses(kind="pulses", at_s=VEHICLES, over_s=60.0)
    times = draw_arrivals(pulses, 1000, generator(SEED, "x"))
    assert of_each(times) == [334, 333, 333]
    assert kstest((times - 600) % 900, "uniform", args=(0, 60)).pvalue > 0.01


def test_vehicles_may_bring_unequal_shares():
    pulses = Pulses(kind="pulses", at_s=VEHICLES, over_s=60.0, shares=(3.0, 0.0, 1.0))
    assert of_each(draw_arrivals(pulses, 1000, generator(SEED, "x"))) == [750, 0, 250]


@given(
    st.integers(1, 300),
    st.lists(st.floats(0, 1e5), min_size=1, max_size=9, unique=True).map(sorted),
    st.floats(1e-3, 1e4),
    st.floats(0, 1e4),
)
def test_people_come_out_of_a_late_vehicle_within_its_window(count, at_s, over_s, delay_s):
    delay = Constant(distribution="constant", value_s=delay_s)
    pulses = Pulses(kind="pulses", at_s=tuple(at_s), over_s=over_s, delay=delay)
    times = draw_arrivals(pulses, count, generator(SEED, "x"))
    assert times.size == count
    assert (np.diff(times) >= 0).all()
    opens = np.array(at_s) + delay_s
    assert ((opens <= times[:, None]) & (times[:, None] <= opens + over_s)).any(axis=1).all()


def test_each_vehicle_is_late_as_a_whole_by_a_time_of_its_own():
    delay = Exponential(distribution="exponential", mean_s=120.0)
    every_s, vehicles = 1e4, 800
    timetable = {"kind": "pulses", "over_s": 1.0, "first_s": every_s, "every_s": every_s, "until_s": every_s * vehicles}
    late, on_time = (
        draw_arrivals(Pulses(**timetable, delay=drawn), 5 * vehicles, generator(SEED, "x")).reshape(vehicles, 5)
        for drawn in (delay, None)
    )
    delays = late - on_time
    assert np.ptp(delays, axis=1).max() < 1e-6
    assert kstest(delays[:, 0], "expon", args=(0, 120)).pvalue > 0.01


ONE_A_MINUTE = ConstantRate(kind="constant", rate_per_min=1.0)


def group_of(count=4000, **settings):
    return AttendeeGroup(start="in", count=count, arrival=ONE_A_MINUTE, **settings)


def test_no_shows_leave_gaps_and_are_as_many_as_chance_has_it():
    came = draw_due("guests", group_of(no_show=0.05), SEED)
    assert binomtest(4000 - came.size, 4000, 0.05).pvalue > 0.01
    everyone = draw_due("guests", group_of(), SEED)
    assert np.isin(came, everyone).all()  # who comes does so when they would have
    other = draw_due("others", group_of(no_show=0.05), SEED)
    assert other.size != came.size or (other != came).any()


def test_late_comers_come_later_by_what_is_drawn_and_the_others_on_time():
    by = Uniform(distribution="uniform", min_s=5.0, max_s=45.0)
    due = draw_due("guests", group_of(late=LateComers(share=0.2, by=by)), SEED)
    assert (np.diff(due) > 0).all()
    after = due % 60  # all come within their own minute
    assert (np.floor(due / 60) == np.arange(4000)).all()
    late = after[after > 0]
    assert binomtest(late.size, 4000, 0.2).pvalue > 0.01
    assert kstest(late, "uniform", args=(5, 40)).pvalue > 0.01


def test_those_who_are_very_late_come_after_those_behind_them():
    by = Constant(distribution="constant", value_s=600.0)
    due = draw_due("guests", group_of(late=LateComers(share=0.5, by=by)), SEED)
    assert (np.diff(due) >= 0).all()
    late = (due - draw_due("guests", group_of(), SEED)).sum() / 600
    assert late == pytest.approx(round(late))
    assert binomtest(round(late), 4000, 0.5).pvalue > 0.01


def gates(start, **settings):
    """Return a hall with two gates at its left side, and an exit at its right one."""
    features = [
        area("hall", "walkable", rectangle(0, 0, 20, 20)),
        line("north", "entrance", (0, 14), (0, 18)),
        line("south", "entrance", (0, 2), (0, 6)),
        line("out", "exit", (20, 6), (20, 14)),
    ]
    group = {"start": start, "count": 300, "arrival": {"kind": "constant", "rate_per_min": 120.0}, **settings}
    return scenario(features, {"guests": group}, duration_s=600.0)


def plan(scene):
    return plan_population(scene, build_venue(scene))


def test_origins_follow_their_shares_and_leave_all_else_alone():
    split = plan(gates({"north": 3.0, "south": 1.0}, count=4000))
    north = (np.array(split.starts)[split.start] == "north").sum()
    assert binomtest(int(north), 4000, 0.75).pvalue > 0.01
    halves = (split.start[:2000] == 0).sum(), (split.start[2000:] == 0).sum()
    assert chisquare(halves).pvalue > 0.01  # whenever they come
    single = plan(gates("north", count=4000))
    for name in ("due_s", "profile", "free_speed", "radius", "pre_movement_s"):
        assert np.array_equal(getattr(split, name), getattr(single, name))


def test_a_share_of_one_start_is_that_start():
    assert plan(gates({"north": 0.3})).start.tolist() == [0] * 300


class Doors:
    """Where everyone came in, and how many went out."""

    def __init__(self):
        self.entered, self.exited = {}, 0

    def event(self, time_s, id, event, place, level, x, y):
        if event == "entered":
            self.entered[id] = (place, y)
        self.exited += event == "exited"


def test_everybody_comes_in_by_their_own_gate_and_nobody_is_lost():
    doors = Doors()
    shares = {"north": 0.3, "south": 0.7}
    late = {"share": 0.1, "by": {"distribution": "constant", "value_s": 20.0}}
    model = CrowdModel(gates(shares, no_show=0.2, late=late), observer=doors)
    while model.running:
        model.step()
    population = model.population
    assert len(doors.entered) == doors.exited == model.exited_count == len(population)
    assert len(population) < 300
    for id, (place, y) in doors.entered.items():
        assert place == population.starts[population.start[id]]
        assert (14 <= y <= 18) if place == "north" else (2 <= y <= 6)


def two_zones(start, count=60, east=12.0, **settings):
    features = [
        area("hall", "walkable", rectangle(0, 0, 20, 10)),
        area("west", "zone", rectangle(0, 0, 8, 10)),
        area("east", "zone", rectangle(east, 0, 20, 10)),
        line("out", "exit", (20, 4), (20, 6)),
    ]
    groups = {"guests": {"start": start, "count": count, **settings}, "staff": {"start": "west", "count": 10}}
    return scenario(features, groups)


def test_everybody_stands_in_their_own_zone():
    people = plan(two_zones({"east": 0.5, "west": 0.5}))
    east = np.array(people.starts)[people.start] == "east"
    assert 15 < east.sum() < 45
    assert (people.x[east] >= 12).all()
    assert (people.x[~east] <= 8).all()


def test_a_zone_is_too_small_for_those_drawn_into_it_only():
    big = two_zones({"east": 0.2, "west": 0.8}, count=200, east=18.0)
    assert find_crowded_starts(big) == []
    crowded = two_zones({"east": 0.8, "west": 0.2}, count=200, east=18.0)
    (problem,) = find_crowded_starts(crowded)
    drawn = plan(two_zones({"east": 0.8, "west": 0.2}, count=200))
    people = (np.array(drawn.starts)[drawn.start] == "east").sum()
    assert problem.where == "zone 'east'"
    assert problem.found == f"{people} attendees to start on 20.0 m2"
    with pytest.raises(ScenarioError, match=problem.found):
        plan(crowded)


def test_room_is_needed_for_those_who_come_only():
    full = hall(5, 4, 150)
    assert find_crowded_starts(full)
    group = AttendeeGroup(start="crowd", count=150, no_show=0.5)
    full.config.attendees["all"] = group
    assert find_crowded_starts(full) == []
    assert len(plan(full)) == draw_due("all", group, full.config.seed).size < 100


def test_a_run_to_which_nobody_comes_is_over_at_once():
    model = CrowdModel(gates("north", count=1, no_show=0.999999))
    while model.running:
        model.step()
    assert len(model.population) == model.entered_count == 0
