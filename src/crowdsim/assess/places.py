"""Criteria on how crowded places are."""

from __future__ import annotations

from crowdsim.assess.judged import Judged, Run, at_most, nothing_there
from crowdsim.scenario.criteria import OccupancyCriterion

PER_M2 = "people/m2"


def judge_occupancy(criterion: OccupancyCriterion, run: Run) -> Judged:
    """Judge the fullest zone: people over its ground."""
    limit = criterion.limit_per_m2
    counted = {k: v for k, v in run.measures.occupancy.items() if not criterion.region or k in criterion.region}
    text = f"At most {limit:g} people for each m2 of a zone"
    if not counted:
        return nothing_there(text, limit, PER_M2, "the venue has no zone")
    most = {k: int(v.people.max(initial=0)) / v.ground_m2 for k, v in counted.items() if v.ground_m2}
    fullest = max(most, key=lambda k: most[k])
    people = counted[fullest].people
    when = int(people.argmax()) if people.size else 0
    where = f"{people.max(initial=0)} people in {fullest!r}, {counted[fullest].ground_m2:.0f} m2"
    at_s = float(counted[fullest].time_s[when]) if people.size else 0.0
    return at_most(run, text, most[fullest], limit, PER_M2, where, name=fullest, time_s=at_s)
