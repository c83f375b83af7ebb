"""Parties: who comes together walks together, waits, meets again, and nobody is glued to anybody."""

import numpy as np
import pytest
from desks import Diary
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import area, line, rectangle, scenario

from crowdsim import CrowdModel
from crowdsim.population.parties import draw_parties, firsts, slowest, stand_together
from crowdsim.scenario.party import ALONE, PartySize
from crowdsim.venue.build import to_area

FAMILIES = [{"people": 4, "share": 1.0}]
MIXED = {
    "free_speed_m_s": {"mean": 1.34, "sd": 0.26, "min": 0.6, "max": 2.0},
    "body_radius_m": {"mean": 0.2, "sd": 0.0, "min": 0.2, "max": 0.2},
}


def hall(parties, *, count=40, rate=30.0, legs=None, length=60, features=(), **config):
    """Return a hall 12 m wide with an entrance at its left end, an exit at its right end, and a zone in its middle."""
    made = [
        area("hall", "walkable", rectangle(0, 0, length, 12)),
        line("in", "entrance", (0, 1), (0, 11)),
        line("out", "exit", (length, 1), (length, 11)),
        area("market", "zone", rectangle(length / 2 - 5, 2, length / 2 + 5, 10)),
        *features,
    ]
    group = {
        "start": "in",
        "count": count,
        "arrival": {"kind": "poisson", "rate_per_min": rate},
        "itinerary": legs or [{"exit": "out"}],
        "parties": parties,
    }
    return scenario(made, {"all": group}, **{"profiles": {"adult": MIXED}, "duration_s": 1200.0, **config})


def apart(model):
    """Return how far each of those in company inside is from the middle of the others inside [m]."""
    inside = np.zeros(len(model.population), bool)
    inside[model.state.inside] = True
    party = model.population.party
    found = []
    for number in np.unique(party[inside & (party != ALONE)]):
        rows = np.flatnonzero(inside & (party == number))
        if rows.size > 1:
            places = np.column_stack([model.state.crowd.x[rows], model.state.crowd.y[rows]])
            others = (places.sum(axis=0) - places) / (rows.size - 1)
            found += np.hypot(*(places - others).T).tolist()
    return found


def go(scene, look_at=lambda model: True):
    diary, away = Diary(), []
    model = CrowdModel(scene, observer=diary)
    steps = 0
    while model.running:
        model.step()
        steps += 1
        if steps % 20 == 0 and look_at(model):
            away += apart(model)
    return model, diary, np.array(away)


# ---------------------------------------------------------------- who is with whom
@given(st.lists(st.integers(1, 6), min_size=1, max_size=3, unique=True), st.integers(0, 200), st.integers(0, 9))
def test_everybody_is_in_one_party_and_none_is_larger_than_drawn(sizes, n, seed):
    party = draw_parties("all", n, [PartySize(people=people, share=1.0) for people in sizes], seed)
    assert party.size == n
    counts = np.unique(party[party != ALONE], return_counts=True)[1]
    assert (counts > 1).all()
    assert counts.max(initial=0) <= max(sizes)
    assert set(counts[:-1].tolist()) <= set(sizes)  # the last one gets what is left
    assert (np.diff(party[party != ALONE]) >= 0).all()
    first = firsts(party)
    assert (party[first] == party).all()
    assert (first <= np.arange(n)).all()


def test_sizes_come_as_often_as_told():
    sizes = [PartySize(people=1, share=0.5), PartySize(people=2, share=0.25), PartySize(people=4, share=0.25)]
    party = draw_parties("all", 20_000, sizes, 1)
    alone = int((party == ALONE).sum())
    counts = np.bincount(np.unique(party[party != ALONE], return_counts=True)[1])
    total = alone + counts.sum()
    # Shares of parties; four standard deviations.
    assert alone / total == pytest.approx(0.5, abs=4 * np.sqrt(0.25 / total))
    assert counts[2] / total == pytest.approx(0.25, abs=4 * np.sqrt(0.19 / total))


def test_a_party_has_the_speed_of_its_slowest_and_stands_side_by_side():
    party = np.array([0, 0, ALONE, 1, 1, 1], np.int32)
    assert slowest(party, np.array([1.0, 2, 3, 4, 2, 5])).tolist() == [1.0, 1.0, 3.0, 2.0, 2.0, 2.0]
    room = area("room", "zone", rectangle(0, 0, 20, 20))
    spots = np.column_stack([np.arange(6.0) + 5, np.full(6, 5.0)])
    stood = stand_together(party, spots, to_area(room))
    assert stood[2].tolist() == spots[2].tolist()
    assert np.hypot(*(stood[1] - stood[0])) == pytest.approx(0.7)
    assert np.hypot(*(stood[[4, 5]] - stood[3]).T) == pytest.approx([0.7, 0.7])


def test_without_parties_nothing_is_different():
    plain, alone = hall([]), hall([{"people": 1, "share": 1.0}])
    one, other = CrowdModel(plain), CrowdModel(alone)
    for _ in range(600):
        one.step()
        other.step()
    assert one.state.crowd.x.tobytes() == other.state.crowd.x.tobytes()


# ---------------------------------------------------------------- together
def test_families_walk_together_and_are_not_glued():
    model, diary, away = go(hall(FAMILIES))
    assert model.exited_count == 40
    assert 0.4 < np.median(away) < 1.5
    assert np.quantile(away, 0.95) < 3.0
    entered, exited = diary.when["entered"], diary.when["exited"]
    party = model.population.party
    for number in np.unique(party):
        rows = np.flatnonzero(party == number)
        assert np.ptp([entered[row] for row in rows.tolist()]) < 2.0
        assert np.ptp([exited[row] for row in rows.tolist()]) < 5.0


def test_those_who_are_no_party_are_farther_apart():
    """The same people at the same times, taken for families: what keeping together does."""
    strangers = hall([], rate=30.0)
    model = CrowdModel(strangers)
    model.population.party[:] = np.arange(40) // 4  # measured so; they do not know
    away = []
    steps = 0
    while model.running:
        model.step()
        steps += 1
        if steps % 20 == 0:
            away += apart(model)
    families = go(hall(FAMILIES))[2]
    assert np.median(families) < 0.3 * np.median(away)


def test_families_stay_together_in_a_dense_crowd_against_the_stream():
    """A thousand strangers leave through the same door: families are squeezed with them, and come out together."""
    made = [
        area("hall", "walkable", rectangle(0, 0, 16, 16)),
        area("beyond", "walkable", rectangle(16.4, 0, 40, 16)),
        line("door", "door", (16.2, 7), (16.2, 9), depth_m=0.4),
        area("crowd", "zone", rectangle(1, 1, 15, 15)),
        line("out", "exit", (40, 1), (40, 15)),
    ]
    people = {
        "strangers": {"start": "crowd", "count": 300},
        "families": {"start": "crowd", "count": 100, "parties": FAMILIES},
    }
    scene = scenario(made, people, profiles={"adult": MIXED}, duration_s=600.0)
    model, _, away = go(scene)
    assert model.exited_count == 400
    assert np.median(away) < 2.0
    assert (away > 8.0).mean() < 0.05


def test_those_who_were_parted_meet_again():
    """One of each family comes in far behind; the others wait for it at the market, and leave it together."""
    legs = [{"goal": "market", "dwell": {"distribution": "constant", "value_s": 20.0}}, {"exit": "out"}]
    scene = hall(FAMILIES, count=16, legs=legs)
    model = CrowdModel(scene)
    diary = Diary()
    model.observer = diary
    held = {}
    while model.running:
        model.step()
        for row in model.state.inside.tolist():
            if row % 4 == 3 and row not in held and model.state.crowd.x[row] > 5.0:
                held[row] = model.time_s
                model.state.crowd.x[row] = 1.0  # carried back by the crowd
                model.state.crowd.y[row] = 1.0
    assert model.exited_count == 16
    assert len(held) == 4
    for number in range(4):
        rows = range(4 * number, 4 * number + 4)
        arrived = [diary.when["arrived"][row] for row in rows]
        left = [diary.when["left"][row] for row in rows]
        assert np.ptp(arrived) > 0.5
        assert np.ptp(left) < 0.2
        assert min(left) == pytest.approx(max(arrived) + 20.0, abs=0.2)


def test_each_sets_off_once():
    """Those who came together meet at the same moment, and none of them leaves twice."""
    legs = [{"goal": "market", "dwell": {"distribution": "constant", "value_s": 20.0}}, {"exit": "out"}]
    left = []

    class Count(Diary):
        def event(self, time_s, id, event, place, level, x, y):
            super().event(time_s, id, event, place, level, x, y)
            left.extend([id] * (event == "left"))

    model = CrowdModel(hall([{"people": 2, "share": 1.0}], count=20, rate=240.0, legs=legs), observer=Count())
    while model.running:
        model.step()
    assert sorted(left) == list(range(20))


def test_nobody_waits_for_ever():
    """One of a family never comes: the others go on after a while."""
    closet = [
        area("closet", "walkable", rectangle(0, 14, 4, 18)),
        line("flap", "door", (1, 13), (3, 13), depth_m=2.0),
    ]
    legs = [{"goal": "market", "dwell": {"distribution": "constant", "value_s": 20.0}}, {"exit": "out"}]
    scene = hall(FAMILIES, count=4, legs=legs, features=closet, interventions=[{"at_s": 12.0, "close": "flap"}])
    model = CrowdModel(scene)
    while model.running and model.time_s < 400:
        model.step()
        if 10.0 < model.time_s < 11.0 and 3 in model.state.inside:
            model.state.crowd.x[3], model.state.crowd.y[3] = 2.0, 16.0
    assert model.exited_count == 3
    assert model.inside_count == 1


def test_a_family_queues_in_one_line():
    lanes = [line(f"lane_{k}", "queue", (26, 2 + 2.5 * k), (20, 2 + 2.5 * k)) for k in range(4)]
    joined = {}

    class Places(Diary):
        def event(self, time_s, id, event, place, level, x, y):
            super().event(time_s, id, event, place, level, x, y)
            if event == "joined":
                joined[id] = place

    service = {"queues": [f"lane_{k}" for k in range(4)], "time": {"distribution": "constant", "value_s": 4.0}}
    scene = hall(FAMILIES, legs=[{"service": "desk"}, {"exit": "out"}], features=lanes, services={"desk": service})
    model = CrowdModel(scene, observer=Places())
    while model.running:
        model.step()
    assert model.exited_count == 40
    same = [len({joined[4 * number + k] for k in range(4)}) == 1 for number in range(10)]
    assert np.mean(same) > 0.8  # a crowd before the lanes may take one apart
    assert len(set(joined.values())) == 4


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 5), st.floats(0.1, 1.0)), min_size=1, max_size=3), st.integers(1, 5))
def test_people_in_company_are_conserved(sizes, seed):
    parties = [{"people": people, "share": share} for people, share in sizes]
    legs = [{"goal": "market", "dwell": {"distribution": "constant", "value_s": 5.0}}, {"exit": "out"}]
    model, diary, _ = go(hall(parties, count=20, rate=120.0, legs=legs, length=30, seed=seed))
    assert model.exited_count == 20
    assert len(diary.when["exited"]) == 20
    delay = model.state.exit_s - model.state.entry_s - model.state.waited_s
    assert (delay > 0).all()  # nobody waited longer than being there
