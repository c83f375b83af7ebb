"""The pilgrim bridge and the night alley: nobody is lost, no hand bound is beaten, and what helps there does help."""

import numpy as np
import pytest
import shapely

import crowdsim as cs
from crowdsim.measure import measure
from crowdsim.venue.build import build_venue

LEVEL_RATE_PER_M_S = 82 / 60
"""Green Guide: people per metre and second on the level."""

BETTER_BY = 1.05
"""No run may carry more than the hand bound by over 5 %."""

FASTEST_M_S = 2.2
"""Nobody's free speed is higher (profiles `adult` and `slow`)."""


def run(name, overrides, folder):
    return cs.run(cs.load_scenario(name, [*overrides, "output.plots=false"]), folder)


def lose_nobody(result):
    people = result.summary["attendees"]
    assert people["entered"] == people["exited"] + people["inside"] > 0
    left = [flow for flow in result.summary["flows"].values() if flow["kind"] == "exit"]
    assert sum(flow["count"] for flow in left) == people["exited"]


def most_out_per_s(result, window_s):
    """Return the most people who left in any window, by all exits, over its length."""
    times = measure(result.recording).egress.exit_s
    return (np.searchsorted(times, times + window_s) - np.arange(times.size)).max() / window_s


def width_at(scenario, x_or_y, at, between):
    """Return how wide the drawn ground is where a line across it lies, between two coordinates."""
    ground = build_venue(cs.load_scenario(scenario)).walkable
    (low, high) = between
    ends = ((at, low), (at, high)) if x_or_y == "x" else ((low, at), (high, at))
    return shapely.intersection(ground, shapely.LineString(ends)).length


# ---------------------------------------------------------------- pilgrim_bridge
BRIDGE = {
    "mixed": [],
    "median": ["obstacles.median.enabled=true", "doors.west_gate_north.open=false", "doors.east_gate_south.open=false"],
    "alternating": [
        "interventions=[{at_s: 1, hold: [east_gate_south, east_gate_north]}, "
        "{at_s: 90, release: [east_gate_south, east_gate_north]}]"
    ],
    "triggered": [
        "interventions=[{when: 'density(deck_east) > 0.1', repeat: true, hold: [west_gate_south, west_gate_north]}, "
        "{when: 'density(deck_east) < 0.05', for_s: 5, repeat: true, release: [west_gate_south, west_gate_north]}]"
    ],
    "stop": ["interventions=[{at_s: 80, add: blockade}, {at_s: 160, remove: blockade}]"],
}
FOR_S = 20
"""People come to the bridge for so long: a third of a thousand on each side."""


@pytest.fixture(scope="module")
def bridge(tmp_path_factory):
    """Return a function that runs the bridge with a short rush, each way of running it once."""
    runs = {}

    def of(way):
        if way not in runs:
            short = [f"attendees.{group}.arrival.until_s={FOR_S}" for group in ("eastbound", "westbound")]
            runs[way] = run("pilgrim_bridge", [*BRIDGE[way], *short], tmp_path_factory.mktemp("bridge") / way)
        return runs[way]

    return of


@pytest.mark.parametrize("way", BRIDGE)
def test_the_bridge_carries_no_more_than_its_width_does(bridge, way):
    result = bridge(way)
    lose_nobody(result)
    width = width_at("pilgrim_bridge", "x", 50, (-50, 50))
    assert width == pytest.approx(20)
    assert most_out_per_s(result, FOR_S) < BETTER_BY * width * LEVEL_RATE_PER_M_S
    # From the strip where people come in to the line beyond the bridge at which they have left.
    people = result.recording.attendees.to_pandas()
    assert (people.exit_s - people.entry_s).min() > (103 - -12) / FASTEST_M_S


def test_everyone_gets_over_the_bridge(bridge):
    for way in BRIDGE:
        people = bridge(way).summary["attendees"]
        assert people["exited"] == people["planned"] > 350


def test_the_median_keeps_the_streams_apart(bridge):
    result = bridge("median")
    group = result.recording.attendees.to_pandas().group.to_numpy()
    for frame in result.recording.frames():
        on_deck = (frame.x > 0) & (frame.x < 100)
        eastbound = group[frame.id] == "eastbound"
        assert (frame.y[on_deck & eastbound] < 10).all()
        assert (frame.y[on_deck & ~eastbound] > 10).all()


def test_one_way_traffic_lets_one_stream_wait(bridge):
    result = bridge("alternating")
    group = result.recording.attendees.to_pandas().group.to_numpy()
    for frame in result.recording.frames((0, 90)):
        assert (frame.x[group[frame.id] == "westbound"] > 106).all()
    people = result.recording.attendees.to_pandas()
    assert people[people.group == "westbound"].exit_s.min() > 90 + (106 - -3) / FASTEST_M_S
    assert people[people.group == "eastbound"].exit_s.median() < 120


def test_gates_held_while_others_are_on_the_bridge_keep_those_before_them(bridge):
    result = bridge("triggered")
    held, released = (one["times_s"] for one in result.summary["interventions"])
    hold_s = held[0]
    release_s = min(time for time in released if time > hold_s)
    group = result.recording.attendees.to_pandas().group.to_numpy()
    before: set[int] = set()
    for frame in result.recording.frames((hold_s, release_s)):
        waits = frame.id[(group[frame.id] == "eastbound") & (frame.x < -6)]
        before = before or set(waits)
        assert before <= set(waits)
    assert len(before) > 20
    out = result.recording.attendees.to_pandas().exit_s
    assert out[list(before)].min() > release_s + (103 - -6) / FASTEST_M_S


def test_a_stop_at_one_end_costs_those_time_who_leave_there(bridge):
    def mean_exit_s(way):
        people = bridge(way).recording.attendees.to_pandas()
        return people[people.group == "eastbound"].exit_s.mean()

    assert mean_exit_s("stop") > mean_exit_s("mixed") + 1


# ---------------------------------------------------------------- night_alley
GROUPS = ("downhill_west", "downhill_east", "uphill_west", "uphill_east")
ONE_WAY = "interventions=[{at_s: 1, open: lane_gate, add: [upper_fence, lower_fence]}]"
ORDER = "open: lane_gate, one_way: {alley_top_door: upper_street, lane_gate: lower_street}"


def constant(rate_per_min):
    return [f"attendees.{group}.arrival.rows=[{{from_s: 0, rate_per_min: {rate_per_min}}}]" for group in GROUPS]


@pytest.fixture(scope="module")
def alley(tmp_path_factory):
    """Return runs of five minutes: 120 a minute at each end from the start, that with one-way traffic, and 30.

    One-way by fences, or by order after a minute.
    """
    folder = tmp_path_factory.mktemp("alley")
    ways = {"both_ways": constant(60), "one_way": [*constant(60), ONE_WAY], "few": constant(15)}
    ways["ordered"] = [*constant(60), f"interventions=[{{at_s: 60, {ORDER}}}]"]
    return {way: run("night_alley", [*keys, "duration_s=300"], folder / way) for way, keys in ways.items()}


def test_the_alley_carries_no_more_than_its_width_does(alley):
    width = width_at("night_alley", "y", 20, (-5, 10))
    assert width == pytest.approx(3.2)
    bound = BETTER_BY * width * LEVEL_RATE_PER_M_S
    for way, ways_round in (("both_ways", 1), ("one_way", 2), ("ordered", 2), ("few", 1)):
        lose_nobody(alley[way])
        assert most_out_per_s(alley[way], 60) < ways_round * bound


def test_streams_that_meet_jam_the_alley_and_one_way_traffic_does_not(alley):
    def exposure(way):
        """Return mean time above 5 people/m2 [s]."""
        return {entry["id"]: entry["value"] for entry in alley[way].summary["criteria"]}["crush"]

    assert alley["both_ways"].summary["density"]["max_per_m2"] > 5
    assert exposure("both_ways") > 30
    assert exposure("one_way") < 1
    assert exposure("ordered") < exposure("both_ways") / 5  # it finds a knot, and undoes it
    assert exposure("few") < 1
    out = {way: alley[way].summary["attendees"]["exited"] for way in alley}
    assert min(out["one_way"], out["ordered"]) > 2 * out["both_ways"]


def test_one_way_traffic_leaves_the_alley_to_those_who_go_up(alley):
    result = alley["one_way"]
    group = result.recording.attendees.to_pandas().group.to_numpy()
    for frame in result.recording.frames((60, 300)):
        in_alley = (frame.x < 3.2) & (frame.y > 1) & (frame.y < 39)
        in_lane = (frame.x > 24) & (frame.x < 27.2) & (frame.y > 1) & (frame.y < 39)
        assert all(name.startswith("uphill") for name in group[frame.id[in_alley]])
        assert all(name.startswith("downhill") for name in group[frame.id[in_lane]])
    flows = measure(result.recording).flows
    assert flows["lane_middle"].count > 200
    assert flows["lower_east_out"].count > 100
    assert flows["lower_west_out"].count == 0
