"""What findings of criteria on leaving are about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crowdsim.assess.by_hand import width_by_hand
from crowdsim.assess.judged import Run
from crowdsim.assess.series import Series, Spells, inside_over_time, spells_above
from crowdsim.assess.subject import Subject, Watch, zone
from crowdsim.assess.watches import PeopleWatch
from crowdsim.scenario.criteria import ClearingTimeCriterion, EgressByHandCriterion, EgressTimeCriterion
from crowdsim.scenario.hand_rates import PER_MIN

Entry = Mapping[str, Any]
Float64 = NDArray[np.float64]

NEARLY_ALL = 0.95
"""Of a crowd that leaves in time it is shown who was left when so many were out (our choice)."""


def about_egress_time(criterion: EgressTimeCriterion, entry: Entry, run: Run) -> Subject:
    """Return everyone inside, and those who were at the limit."""
    egress, end_s = run.measures.egress, run.recording.simulated_s
    if not egress.planned:
        return Subject()
    deadline_s = criterion.from_s + criterion.limit_s
    last_s = egress.egress_time_s or end_s
    beyond = ((deadline_s, last_s),) if entry["passed"] is False and last_s > deadline_s else ()
    time_s, inside = inside_over_time(egress.entry_s, egress.exit_s)
    series = Series(
        "People inside",
        "people",
        time_s,
        inside,
        None,
        "",
        deadline_s,
        f"limit: empty by {deadline_s:g} s",
        beyond,
        "steps",
    )
    late = _stay(run, ((deadline_s, np.inf),)) if entry["passed"] is False else np.zeros(egress.planned, bool)
    nearly_s = egress.time_by_which_left(NEARLY_ALL)
    at_s = min(deadline_s, last_s) if entry["passed"] is False else nearly_s if nearly_s is not None else end_s
    inside_s = _spent(run, deadline_s, end_s) if beyond else 0.0
    are = "were still inside when the limit was reached, or came in later"
    return Subject(None, (at_s, at_s), series, int(late.sum()), are, inside_s)


def about_clearing_time(criterion: ClearingTimeCriterion, entry: Entry, run: Run) -> Subject | Watch:
    """Return the zone, and those who were in it after the limit."""
    if criterion.region is None:
        return Subject()
    counted, end_s = run.measures.occupancy[criterion.region], run.recording.simulated_s
    used = np.flatnonzero(counted.people > 0)
    if not used.size:
        return Subject()
    deadline_s = criterion.from_s + criterion.limit_s
    empty_s = float(counted.time_s[used[-1] + 1]) if used[-1] + 1 < counted.time_s.size else end_s
    beyond = ((deadline_s, empty_s),) if entry["passed"] is False and empty_s > deadline_s else ()
    series = Series(
        f"People in {criterion.region!r}",
        "people",
        counted.time_s,
        counted.people.astype(float),
        None,
        "",
        deadline_s,
        f"limit: empty by {deadline_s:g} s",
        beyond,
        "steps",
    )
    at_s = deadline_s if beyond else float(counted.time_s[counted.people.argmax()])
    known = Subject(zone(run, criterion.region), (at_s, at_s), series, people_are="were in it after the limit")
    return PeopleWatch(known, beyond, run.recording.attendees.num_rows)


def about_egress_by_hand(criterion: EgressByHandCriterion, entry: Entry, run: Run) -> Subject:
    """Return everyone inside, against as many as the exits let out in time by hand."""
    egress, end_s = run.measures.egress, run.recording.simulated_s
    if not entry["applies"] or not egress.entry_s.size:
        return Subject()
    width_m = width_by_hand(run.recording.venue, widest_closed=criterion.widest_closed)
    most = criterion.limit_s * width_m * criterion.rate_per_m_min / PER_MIN
    time_s, inside = inside_over_time(egress.entry_s, egress.exit_s)
    beyond = spells_above(time_s, inside, most, end_s)
    series = Series(
        "People inside",
        "people",
        time_s,
        inside,
        most,
        f"as many as get out within {criterion.limit_s:g} s by hand: {int(most):,}",
        beyond=beyond,
        form="steps",
    )
    at_s = float(time_s[inside.argmax()])
    people = int(_stay(run, beyond).sum())
    return Subject(None, (at_s, at_s), series, people, "were inside while more were than get out in time by hand")


def _times(run: Run) -> tuple[Float64, Float64]:
    """Return when each attendee came in and went out, (attendees,) [s]; infinity for never."""
    entry_s, exit_s = (run.recording.attendees[name].to_numpy().astype(float) for name in ("entry_s", "exit_s"))
    return np.nan_to_num(entry_s, nan=np.inf), np.nan_to_num(exit_s, nan=np.inf)


def _stay(run: Run, spells: Spells) -> NDArray[np.bool_]:
    """Return who was inside at some time of whiles, (attendees,)."""
    entry_s, exit_s = _times(run)
    found = np.zeros(entry_s.size, bool)
    for begin_s, end_s in spells:
        found |= (entry_s < end_s) & (exit_s > begin_s) & np.isfinite(entry_s)
    return found


def _spent(run: Run, begin_s: float, end_s: float) -> float:
    """Return the person-seconds spent inside between two times."""
    entry_s, exit_s = _times(run)
    return float(np.maximum(np.minimum(exit_s, end_s) - np.maximum(entry_s, begin_s), 0.0).sum())
