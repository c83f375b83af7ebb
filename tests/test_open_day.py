"""The open day against its hand calculations: registration, seats, talks that overrun, an evacuation."""

import numpy as np
import pytest

import crowdsim as cs
from crowdsim.scenario.group import AttendeeGroup

NEVER_BETTER = 0.95
"""No run beats its bound by more than 5 %."""

FASTEST_M_S = 1.75
"""Nobody's free speed is higher (profiles of the scenario)."""

NOBODY_ELSE = [f"~attendees.{group}" for group in ("first", "next", "midday", "afternoon", "tours")]


def run(overrides, folder):
    result = cs.run(cs.load_scenario("campus_open_day", [*overrides, "output.plots=false"]), folder)
    people = result.summary["attendees"]
    assert people["entered"] == people["exited"] + people["inside"]
    return result, result.recording.events().to_pandas()


def expected(group: AttendeeGroup) -> float:
    """Return how many of a group come on average."""
    counted = sum(row.count for row in group.arrival.rows)
    return (group.count or counted) * (1.0 - group.no_show)


def fluid(rates_per_min, served_per_min):
    """Return the most who wait, and how long the last of them does [min]; rates as (minutes, people a minute)."""
    waiting, most = 0.0, 0.0
    for minutes, rate in rates_per_min:
        waiting = max(waiting + (rate - served_per_min) * minutes, 0.0)
        most = max(most, waiting)
    return most, most / served_per_min


def test_the_day_is_the_one_calculated_by_hand():
    """3,000 visitors, 30 % in half an hour, 35 % in an hour, 25 and 10 % in two hours each."""
    groups = cs.load_scenario("campus_open_day").config.attendees
    people = [expected(groups[name]) for name in ("first", "next", "midday", "afternoon")]
    assert people == pytest.approx([900, 1050, 750, 300], rel=0.001)
    until_min = [groups[name].arrival.until_s / 60 for name in ("first", "next", "midday", "afternoon")]
    assert until_min == [30, 90, 210, 330]
    minutes = np.diff([0, *until_min])
    day = list(zip(minutes, people / minutes, strict=True))
    assert fluid(day, 6 * 60 / 40) == pytest.approx((1140, 127), rel=0.005)
    assert fluid(day, 12 * 60 / 40) == pytest.approx((360, 20), rel=0.005)
    assert fluid(day, 4 * 60 / 8) == pytest.approx((0, 0), abs=1)
    services = cs.load_scenario("campus_open_day").config.services
    for name, mean_s in (("desks", 40), ("qr", 8)):
        time = services[name].time
        assert time.median_s * np.exp(time.sigma**2 / 2) == pytest.approx(mean_s, rel=0.005)


def test_the_desks_serve_no_faster_than_their_staff_and_hardly_slower(tmp_path):
    """20 people a minute come to four desks for five minutes; by hand (20 - 6) x 5 = 70 wait at the end."""
    few = [
        *NOBODY_ELSE,
        "services.desks.lanes=4",
        "+attendees.few={start: gate_south_in, count: 100, arrival: {kind: constant, rate_per_min: 20}, "
        "itinerary: [{service: desks}, {exit: gate_south_out}]}",
    ]
    result, events = run(few, tmp_path / "run")
    desks = events[events.place.str.startswith("desk")]
    times = desks.pivot_table(index="id", columns="event", values="time")
    mean_s = (times.served - times.called).mean()
    assert mean_s == pytest.approx(40, rel=0.13)  # of 100 times, sd 0.42 of the mean: 4 % of standard deviation
    joined = np.sort(times.joined.to_numpy())
    come = np.arange(joined.size)
    by_hand = (come - 4 / mean_s * (joined - joined[0])).max()
    use = result.summary["queues"]["desks"]
    assert (use["served"], use["gave_up"]) == (100, 0)
    assert NEVER_BETTER * by_hand < use["max_length"] < 1.2 * by_hand
    all_served_s = times.served.max() - times.called.min()
    assert NEVER_BETTER < all_served_s / (100 * mean_s / 4) < 1.2


TALK = (
    "+attendees.few={start: gate_south_in, count: 60, arrival: {kind: constant, rate_per_min: 30}, "
    "itinerary: [{event: talk_1b}, {event: talk_2a}, {exit: nearest}]}"
)
SHORT = [
    "programme.talk_1b={zone: hall_b, from_s: 400, until_s: 500}",
    "programme.talk_2a={zone: hall_a, from_s: 600, until_s: 700}",
    "interventions=[]",
    "criteria.egress_time.from_s=700",
]


@pytest.fixture(scope="module", params=[500, 610], ids=["on time", "overrun"])
def two_talks(request, tmp_path_factory):
    """60 people come for a talk in a hall with 40 seats, which ends on time or not; the next begins at 600 s."""
    keys = [*NOBODY_ELSE, TALK, *SHORT, "zones.hall_b.capacity=40", f"programme.talk_1b.until_s={request.param}"]
    return request.param, *run(keys, tmp_path_factory.mktemp("talks") / "run")


def test_a_full_hall_sends_people_on(two_talks):
    _, result, events = two_talks
    attendance = result.summary["programme"]["talk_1b"]
    assert attendance["most"] == attendance["at_end"] == 40
    sent_on = events[(events.event == "gave_up") & (events.place == "hall_b")]
    arrived = events[(events.event == "arrived") & (events.place == "hall_a")]
    assert len(sent_on) == 20
    assert set(sent_on.id) < set(arrived.id)
    assert len(arrived) == 60


def test_who_is_in_a_talk_that_overruns_comes_late_to_the_next(two_talks):
    until_s, result, events = two_talks
    seated = set(events[(events.event == "arrived") & (events.place == "hall_b")].id)
    next_door = events[(events.event == "arrived") & (events.place == "hall_a") & events.id.isin(seated)]
    # From one hall's seats, through its door and the other's, to the other's: 13 m at least.
    assert next_door.time.min() > until_s + 13 / FASTEST_M_S
    attendance = result.summary["programme"]["talk_2a"]
    assert attendance["at_start"] == (60 if until_s < 600 else 20)
    assert attendance["at_end"] == 60


def test_everybody_leaves_when_told_to_and_nobody_comes_in(tmp_path):
    """200 people in the halls are told to leave; those still to come are held at the gates."""
    tour = (
        "+attendees.few={start: {gate_south_in: 0.5, gate_east_in: 0.5}, count: 200, "
        "arrival: {kind: constant, rate_per_min: 30}, itinerary: [{one_of: [{event: talk_1a}, "
        "{event: talk_1c}]}, {exit: nearest}]}"
    )
    alarm = "interventions=[{at_s: 350, hold: [gate_south_in, gate_east_in], announce: {say: leave}}]"
    result, events = run([*NOBODY_ELSE, tour, alarm, "duration_s=800"], tmp_path / "run")
    people = result.summary["attendees"]
    assert people["exited"] == people["entered"] == 175
    assert (people["inside"], people["blocked"]) == (0, 25)
    assert events[events.event == "entered"].time.max() <= 350
    out = events[(events.event == "exited")].set_index("id")
    # From hall a to the nearer gate, by the door of the building: 210 m as the crow flies.
    from_a = out.loc[events[(events.event == "arrived") & (events.place == "hall_a")].id]
    assert from_a.time.min() > 350 + 210 / FASTEST_M_S
    assert out.place.nunique() == 2
    flows = result.summary["flows"]
    assert flows["gate_south_out"]["count"] + flows["gate_east_out"]["count"] == 175
