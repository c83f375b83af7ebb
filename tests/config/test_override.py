import pytest

from crowdsim.config import compose
from crowdsim.config.compose import compose_values

VALUES = {
    "seed": 3,
    "duration_s": 60.0,
    "title": "a ${seed}nd hall",
    "attendees": {"people": {"count": 10, "itinerary": [{"zone": "hall"}, {"exit": "nearest"}]}},
    "criteria": {"egress_time": {"quantity": "egress_time", "limit_s": 120}},
}
CHOICES = {"movement": "collision_free_speed", "profiles": "standard", "output": "standard"}

APPLIED = [
    ["++seed=4"],
    ["++seed=4", "++seed=5"],
    ["++title='${duration_s} s'"],
    ["++title=null"],
    ["++attendees.people.count=1e3"],
    ["++attendees.people={profile:adult,count:2}"],
    ["~attendees.people", "++attendees.people={profile:adult}"],
    ["++attendees.others.count=2", "++attendees.others.profile=adult"],
    ["++attendees.people.itinerary=[{exit:west}]"],
    ["++attendees.people.itinerary.1.exit=west"],
    ["++movement.step_s=0.02", "++profiles.adult.free_speed_m_s.mean=1.1"],
    ["++movement={step_s:0.02}"],
    ["++profiles.adult.label='two words'", "++added.stand={kind:obstacle,at:[1,2.5]}"],
    ["~criteria.egress_time"],
    ["~duration_s=60.0"],
    ["~title", "++title=new"],
    ["~profiles"],
    ["~movement", "++seed=9"],
    ["++seed.below=1"],
]
FAILS = [
    ["++attendees.people.itinerary.7.exit=west"],
    ["~criteria.density"],
    ["~duration_s=61"],
    ["++title=${nothing.there}"],
]


def composed(overrides):
    values, problems = compose_values(VALUES, CHOICES, overrides, lambda key: ("a file", ".".join(map(str, key))))
    return values, [str(problem) for problem in problems]


@pytest.mark.parametrize("overrides", APPLIED + FAILS, ids=" ".join)
def test_keys_are_set_as_hydra_sets_them_when_it_composes(overrides, monkeypatch):
    before, _ = composed([])
    ours = composed(overrides)
    again, _ = composed([])
    monkeypatch.setattr(compose, "only_keys", lambda _: False)
    assert ours == composed(overrides)
    assert bool(ours[1]) == (overrides in FAILS)
    assert before == again
    assert ours[0] != before


def test_what_is_done_to_values_is_not_seen_by_the_next_variant():
    for overrides in ([], ["++seed=4"]):
        values, _ = composed(overrides)
        values["attendees"]["people"]["itinerary"].clear()
        assert composed(overrides)[0]["attendees"] == VALUES["attendees"]
