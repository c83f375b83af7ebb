"""Criteria on how long people take to leave, and how long they are in a crowd."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from crowdsim.assess.by_hand import exits_by_hand
from crowdsim.assess.judged import Judged, Run, at_most, not_named, nothing_there
from crowdsim.record.layout import COMPLETE
from crowdsim.scenario.criteria import (
    ClearingTimeCriterion,
    DensityExposureCriterion,
    EgressByHandCriterion,
    EgressTimeCriterion,
)


def judge_egress_time(criterion: EgressTimeCriterion, run: Run) -> Judged:
    """Judge when the last attendee left."""
    egress, limit = run.measures.egress, criterion.limit_s
    after = f" after {criterion.from_s:g} s" if criterion.from_s else ""
    text = f"Last attendee out within {limit:g} s{after}"
    last = egress.egress_time_s
    if last is not None:
        value = max(last - criterion.from_s, 0.0)
        return Judged(text, value, limit, "s", value <= limit)
    if not egress.planned:
        return Judged(text, None, limit, "s", None, "nobody was to come")
    ended_s = run.recording.simulated_s
    still = egress.planned - egress.exit_s.size
    reason = f"{still} of {egress.planned} had not left when the run ended at {ended_s:g} s"
    return Judged(text, None, limit, "s", False if ended_s - criterion.from_s >= limit else None, reason)


def judge_clearing_time(criterion: ClearingTimeCriterion, run: Run) -> Judged:
    """Judge when the last one left a zone for good: at the sampled time at which it was first empty."""
    limit, region = criterion.limit_s, criterion.region
    text = f"{repr(region) if region else 'Area'} empty within {limit:g} s after {criterion.from_s:g} s"
    if region is None:
        return not_named(text, limit, "s", "region", "zone or measurement area")
    counted = run.measures.occupancy[region]
    after = counted.time_s >= criterion.from_s
    used = np.flatnonzero(after & (counted.people > 0))
    if not after.any():
        return Judged(text, None, limit, "s", None, f"the run ended before {criterion.from_s:g} s")
    if not used.size:
        return Judged(text, 0.0, limit, "s", True, "nobody was there", {"name": region})
    since_s = run.recording.simulated_s - criterion.from_s
    if used[-1] == counted.time_s.size - 1:
        reason = f"{counted.people[-1]} people were there when the run ended"
        return Judged(text, None, limit, "s", False if since_s >= limit else None, reason, {"name": region})
    empty_s = float(counted.time_s[used[-1] + 1])
    found = Judged(text, empty_s - criterion.from_s, limit, "s", False, at={"name": region, "time_s": empty_s})
    if empty_s - criterion.from_s > limit:
        return found
    partial = run.recording.status != COMPLETE  # somebody may come back
    return replace(found, passed=None if partial else True, reason=run.unfinished() if partial else "")


def judge_density_exposure(criterion: DensityExposureCriterion, run: Run) -> Judged:
    """Judge how long people are in a dense crowd, on average."""
    egress, limit = run.measures.egress, criterion.limit_s
    text = f"Mean time per attendee above {criterion.above_per_m2:g} /m2 at most {limit:g} s"
    entered = egress.entry_s.size
    if not entered:
        return Judged(text, None, limit, "s", None, "nobody entered")
    exposure = run.measures.maps.exposure_by_level[criterion.above_per_m2]
    value = exposure / entered
    # Of a partial run it is certain only if the rest, all coming in without meeting a crowd, would not help.
    certain = exposure / (entered if run.recording.status == COMPLETE else egress.planned)
    if certain > limit:
        return Judged(text, value, limit, "s", False)
    unfinished = run.unfinished()
    return Judged(text, value, limit, "s", None if unfinished else value <= limit, unfinished)


def judge_egress_by_hand(criterion: EgressByHandCriterion, run: Run) -> Judged:
    """Judge how long the exits take for everyone inside at the most, by hand."""
    limit = criterion.limit_s
    closed = ", the widest closed," if criterion.widest_closed else ""
    text = f"By hand: exits{closed} take everyone out within {limit:g} s at {criterion.rate_per_m_min:g} people/(m min)"
    exits = run.recording.venue.open_exits
    if not exits:
        return nothing_there(text, limit, "s", "the venue has no open exit")
    if not run.measures.egress.entry_s.size:
        return Judged(text, None, limit, "s", None, "nobody entered")
    found = exits_by_hand(run, criterion.rate_per_m_min, widest_closed=criterion.widest_closed)
    if found.time_s is None:
        return Judged(text, None, limit, "s", False, "nothing is left if the widest exit is closed")
    return at_most(run, text, found.time_s, limit, "s", found.text)
