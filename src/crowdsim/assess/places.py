"""Criteria on how crowded places are."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from crowdsim.assess.judged import Judged, Run, at_most, nothing_there
from crowdsim.measure.maps import Peak
from crowdsim.scenario.criteria import (
    DensityCriterion,
    LevelOfServiceCriterion,
    OccupancyCriterion,
    OscillationCriterion,
    PressureCriterion,
    TimeAboveCriterion,
)

PER_M2, PER_S2 = "people/m2", "1/s2"

LEVELS = "ABCDEF"

Float = NDArray[np.floating]


def judge_density(criterion: DensityCriterion, run: Run) -> Judged:
    """Judge the densest place."""
    limit, windows, maps = criterion.limit_per_m2, run.measures.windows, run.measures.maps
    on_average = criterion.over_time == "window"
    over = f", on average over {windows.window_s:g} s" if on_average else " at any time"
    text = f"At most {limit:g} people/m2{_in_region(criterion.region)}{over}"
    if not run.measures.egress.entry_s.size:
        return Judged(text, None, limit, PER_M2, None, "nobody entered")
    values, began = (
        (windows.density.value, windows.density.begins_s) if on_average else (maps.peak_density_per_m2, None)
    )
    worst = _worst(run, values, began, criterion.region)
    if worst is None:
        return at_most(run, text, 0.0, limit, PER_M2, "nobody was there")
    return at_most(run, text, worst.value, limit, PER_M2, "", **_where(worst, run, timed=on_average))


def judge_time_above(criterion: TimeAboveCriterion, run: Run) -> Judged:
    """Judge the place that is dense for longest on end."""
    level, ended_s = criterion.above_per_m2, run.measures.egress.egress_time_s or run.recording.simulated_s
    limits = [criterion.limit_s] if criterion.limit_s is not None else []
    limits += [criterion.limit_share * ended_s] if criterion.limit_share is not None else []
    limit = min(limits)
    share = f" ({criterion.limit_share:.0%} of {ended_s:g} s)" if criterion.limit_share is not None else ""
    text = f"Nowhere{_in_region(criterion.region)} above {level:g} people/m2 for more than {limit:g} s on end{share}"
    if not run.measures.egress.entry_s.size:
        return Judged(text, None, limit, "s", None, "nobody entered")
    spell = run.measures.time_above[level]
    worst = _worst(run, spell.longest_s, spell.longest_from_s, criterion.region)
    if worst is None or not worst.value:
        return at_most(run, text, 0.0, limit, "s", "never so dense")
    return at_most(run, text, worst.value, limit, "s", "", **_where(worst, run))


def judge_level_of_service(criterion: LevelOfServiceCriterion, run: Run) -> Judged:
    """Judge the share of people's time that is spent beyond a level of service."""
    limit, worst = criterion.limit_share, criterion.worst
    text = f"At most {limit:.0%} of people's time in the context '{criterion.context}' beyond level of service {worst}"
    spent = run.measures.service_levels.get(criterion.context, {})
    total = sum(spent.values())
    if not total:
        return nothing_there(text, limit, "share", f"nobody was in the context '{criterion.context}'")
    beyond = sum(spent.get(level, 0.0) for level in LEVELS[LEVELS.index(worst) + 1 :])
    return at_most(run, text, beyond / total, limit, "share", f"{beyond:,.0f} of {total:,.0f} person-seconds")


def judge_pressure(criterion: PressureCriterion, run: Run) -> Judged:
    """Judge the highest crowd pressure."""
    limit, found = criterion.limit_per_s2, run.measures.pressure
    of_mean = criterion.variance_of == "mean_velocity"
    what = "the local mean velocity" if of_mean else "everybody's velocities"
    text = f"Density times variance of {what} at most {limit:g} /s2"
    worst = (found.fluctuation if of_mean else found.pressure).worst
    if worst is None:
        return at_most(run, text, 0.0, limit, PER_S2, "nowhere dense enough to tell")
    return at_most(run, text, worst.value, limit, PER_S2, "", **_where(worst, run))


def judge_oscillation(_: OscillationCriterion, run: Run) -> Judged:
    """Judge whether a dense crowd moved round together somewhere; 1 if so."""
    text = "No collective oscillation in a dense crowd"
    found = run.measures.oscillation
    if found.found is None:
        return nothing_there(text, 0.0, "found", "nowhere was it dense enough for long enough")
    at = Peak(1.0, found.begins_s, found.x, found.y).at(run.recording) if found.found else {}
    return at_most(run, text, float(found.found), 0.0, "found", f"p = {found.p_value:.2g}", **at)


def judge_occupancy(criterion: OccupancyCriterion, run: Run) -> Judged:
    """Judge the fullest zone: people over its ground."""
    limit = criterion.limit_per_m2
    counted = {k: v for k, v in run.measures.occupancy.items() if not criterion.region or k in criterion.region}
    text = f"At most {limit:g} people for each m2 of a zone"
    most = {k: int(v.people.max(initial=0)) / v.ground_m2 for k, v in counted.items() if v.ground_m2}
    if not most:
        return nothing_there(text, limit, PER_M2, "the venue has no zone")
    fullest = max(most, key=lambda k: most[k])
    people = counted[fullest].people
    where = f"{people.max(initial=0)} people in {fullest!r}, {counted[fullest].ground_m2:.0f} m2"
    at_s = float(counted[fullest].time_s[int(people.argmax())]) if people.size else 0.0
    return at_most(run, text, most[fullest], limit, PER_M2, where, name=fullest, time_s=at_s)


def _in_region(region: tuple[str, ...]) -> str:
    return f" in {' and '.join(map(repr, region))}" if region else ""


def _worst(run: Run, values: Float, times: Float | None, region: tuple[str, ...]) -> Peak | None:
    """Return the highest value of a map in a region, and when and where; None if there is none."""
    maps = run.measures.maps
    values = np.where(np.isfinite(values) & maps.walkable, values, -np.inf)
    if region:
        venue = run.recording.venue
        ground = shapely.union_all([(venue.zones | venue.areas)[name] for name in region])
        values = np.where(shapely.contains_xy(ground, *np.meshgrid(maps.x_m, maps.y_m)), values, -np.inf)
    cell = int(values.argmax()) if values.size else 0
    if not values.size or not np.isfinite(values.flat[cell]):
        return None
    row, column = divmod(cell, values.shape[1])
    time_s = float(times.flat[cell]) if times is not None else np.nan
    return Peak(float(values.flat[cell]), time_s, float(maps.x_m[column]), float(maps.y_m[row]))


def _where(worst: Peak, run: Run, *, timed: bool = True) -> dict[str, float | int]:
    at = worst.at(run.recording)
    return at if timed else {key: value for key, value in at.items() if key != "time_s"}
