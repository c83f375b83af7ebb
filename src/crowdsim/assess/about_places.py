"""What findings of criteria on crowded places are about."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from crowdsim.assess.judged import Run
from crowdsim.assess.places import LEVELS
from crowdsim.assess.series import Series, joined, spells_above
from crowdsim.assess.subject import Place, Subject, Watch, patch, square, zone
from crowdsim.assess.watches import DensityWatch, PeopleWatch, WindowWatch
from crowdsim.measure import windows
from crowdsim.measure.at_cell import CellReader
from crowdsim.measure.grid import grid_of
from crowdsim.measure.maps import Peak
from crowdsim.measure.oscillation import FROM_PER_M2, PATCH_M, WINDOW_S
from crowdsim.measure.pressure import CELLS_A_RADIUS
from crowdsim.measure.pressure import STEPS as PRESSURE_STEPS
from crowdsim.measure.service_levels import AVERAGED_S
from crowdsim.scenario.criteria import (
    DensityCriterion,
    DensityExposureCriterion,
    LevelOfServiceCriterion,
    OccupancyCriterion,
    OscillationCriterion,
    PressureCriterion,
    TimeAboveCriterion,
)

Entry = Mapping[str, Any]
Map = NDArray[np.floating]

NEARLY = 0.9
"""Where nothing is beyond the limit, the place is where values are above this share of the worst (our choice)."""

MOST_EXPOSED = 0.5
"""The place of a mean exposure is where at least this share of the highest one is spent on a cell (our choice)."""

PER_M2 = "people/m²"


def about_density(criterion: DensityCriterion, entry: Entry, run: Run) -> Subject | Watch:
    """Return the cells around the densest one that were as dense, on average over the window or at a moment."""
    worst = _spot(entry, run)
    if worst is None:
        return Subject()
    limit, measures = criterion.limit_per_m2, run.measures
    on_average = criterion.over_time == "window"
    values = measures.windows.density.value if on_average else measures.maps.peak_density_per_m2
    place = patch(run, np.nan_to_num(values), _edge(entry), worst, "the crowd")
    people = run.recording.attendees.num_rows
    at = f"at ({entry['at']['x']:.1f}, {entry['at']['y']:.1f}) m"
    reader = CellReader(measures.grid, worst.x, worst.y)
    if not on_average:
        series = _series(f"Density {at}", limit, f"limit {limit:g}")
        known = Subject(
            place, None, series, people_are="were in this crowd's place while its densest spot was beyond the limit"
        )
        return DensityWatch(known, reader, limit, 0.0, people)
    window_s = measures.windows.window_s
    series = _series(f"Density {at}, mean of the {window_s:g} s before", limit, f"limit {limit:g}")
    known = Subject(
        place,
        (worst.time_s, min(worst.time_s + window_s, run.recording.simulated_s)),
        series,
        people_are=f"were in this crowd's place in a window of {window_s:g} s in which its densest spot was beyond the "
        "limit",
    )
    return WindowWatch(known, reader, limit, window_s, windows.STEPS, run.recording.simulated_s, people)


def about_time_above(criterion: TimeAboveCriterion, entry: Entry, run: Run) -> Subject | Watch:
    """Return the cells around the worst one that were dense for as long."""
    worst = _spot(entry, run)
    if worst is None:
        return Subject()
    level, limit_s = criterion.above_per_m2, float(entry["limit"])
    above = run.measures.time_above[level]
    place = patch(run, above.longest_s, _edge(entry), worst, "the crowd")
    at = f"at ({entry['at']['x']:.1f}, {entry['at']['y']:.1f}) m"
    series = _series(f"Density {at}", level, f"{level:g}, for at most {limit_s:g} s on end")
    known = Subject(
        place,
        (worst.time_s, worst.time_s + float(entry["value"])),
        series,
        people_are=f"were in this crowd's place while its worst spot was above {level:g} people/m² for longer than "
        "allowed",
    )
    reader = CellReader(run.measures.grid, worst.x, worst.y)
    return DensityWatch(known, reader, level, limit_s, run.recording.attendees.num_rows)


def about_pressure(criterion: PressureCriterion, entry: Entry, run: Run) -> Subject | Watch:
    """Return the cells around the one with the highest crowd pressure that had as much."""
    worst = _spot(entry, run)
    if worst is None:
        return Subject()
    found, limit, recording = run.measures.pressure, criterion.limit_per_s2, run.recording
    of_mean = criterion.variance_of == "mean_velocity"
    values = np.nan_to_num((found.fluctuation if of_mean else found.pressure).value)
    half = found.cell_m / 2
    columns, rows = np.meshgrid(found.x_m, found.y_m)
    above = (values > _edge(entry)) | ((np.abs(columns - worst.x) < half) & (np.abs(rows - worst.y) < half))
    cells = shapely.box(columns[above] - half, rows[above] - half, columns[above] + half, rows[above] + half)
    parts = shapely.get_parts(shapely.union_all(cells))
    shape = next(part for part in parts if shapely.intersects_xy(part, worst.x, worst.y))
    place = Place("the crowd", worst.x, worst.y, shape)
    what = "Fluctuation of the mean velocity" if of_mean else "Crowd pressure"
    at = f"at ({entry['at']['x']:.1f}, {entry['at']['y']:.1f}) m"
    title = f"{what} {at}, over the {found.window_s:g} s before"
    series = Series(title, "pressure [1/s²]", np.empty(0), np.empty(0), limit, f"limit {limit:g}")
    known = Subject(
        place,
        (worst.time_s, min(worst.time_s + found.window_s, recording.simulated_s)),
        series,
        people_are=f"were in this crowd's place in a window of {found.window_s:g} s in which its worst spot was beyond "
        "the limit",
    )
    # exp(-(r / R)^2) is a Gaussian of standard deviation R / sqrt(2).
    grid = grid_of(recording.venue.walkable, found.radius_m / CELLS_A_RADIUS, found.radius_m / math.sqrt(2))
    return WindowWatch(
        known,
        CellReader(grid, worst.x, worst.y),
        limit,
        found.window_s,
        PRESSURE_STEPS,
        recording.simulated_s,
        recording.attendees.num_rows,
        int(of_mean),
    )


def about_oscillation(_: OscillationCriterion, entry: Entry, run: Run) -> Subject | Watch:
    """Return the square in which people moved round together."""
    worst = _spot(entry, run)
    if worst is None:
        return Subject()
    end_s = min(worst.time_s + WINDOW_S, run.recording.simulated_s)
    place = square(worst.x, worst.y, PATCH_M, f"a square of {PATCH_M:g} m")
    ground_m2 = float(shapely.intersection(place.shape, run.recording.venue.walkable).area)
    beyond = ((worst.time_s, end_s),)
    title = f"Density in the square of {PATCH_M:g} m; that it moved round is told by the spectrum of its velocity"
    series = Series(
        title,
        PER_M2,
        np.empty(0),
        np.empty(0),
        FROM_PER_M2,
        f"oscillation looked for from {FROM_PER_M2:g}",
        beyond=beyond,
    )
    known = Subject(place, beyond[0], series, people_are="were in the square while it was found to oscillate")
    return PeopleWatch(known, beyond, run.recording.attendees.num_rows, ground_m2)


def about_occupancy(criterion: OccupancyCriterion, entry: Entry, run: Run) -> Subject | Watch:
    """Return the fullest zone."""
    name = entry["at"].get("name")
    if name is None or not run.measures.occupancy[name].people.any():
        return Subject()
    counted, limit = run.measures.occupancy[name], criterion.limit_per_m2
    per_m2 = counted.people / counted.ground_m2
    beyond = spells_above(counted.time_s, per_m2, limit, run.recording.simulated_s)
    most = f"limit {limit:g}: {int(limit * counted.ground_m2):,} people"
    series = Series(
        f"People in {name!r} over its ground of {counted.ground_m2:,.0f} m²",
        PER_M2,
        counted.time_s,
        per_m2,
        limit,
        most,
        beyond=beyond,
        form="steps",
    )
    at_s = float(entry["at"]["time_s"])
    known = Subject(zone(run, name), (at_s, at_s), series, people_are="were in it while it was too full")
    return PeopleWatch(known, beyond, run.recording.attendees.num_rows)


def about_density_exposure(criterion: DensityExposureCriterion, entry: Entry, run: Run) -> Subject:
    """Return where most of the exposure was; the series is what it adds up to."""
    level = criterion.above_per_m2
    exposed, entered = run.measures.exposed[level], run.measures.egress.entry_s.size
    if entry["value"] is None or not exposed.people.any():
        return Subject()
    end_s = run.recording.simulated_s
    lasts_s = np.minimum(run.recording.sample_interval_s, np.maximum(end_s - exposed.time_s, 0.0))
    so_far = np.cumsum(exposed.people * lasts_s) / entered
    until_s = exposed.time_s + lasts_s
    over = until_s[so_far > criterion.limit_s]
    beyond = ((float(over[0]), end_s),) if over.size else ()
    series = Series(
        f"Time above {level:g} people/m² up to then, over all who came in",
        "s per attendee",
        until_s,
        so_far,
        criterion.limit_s,
        f"limit {criterion.limit_s:g} s",
        beyond=beyond,
    )
    maps, cell = run.measures.maps, int(exposed.person_s.argmax())
    row, column = divmod(cell, exposed.person_s.shape[1])
    most = float(exposed.person_s.flat[cell])
    at_s = float(exposed.time_s[exposed.people.argmax()])
    worst = Peak(most, at_s, float(maps.x_m[column]), float(maps.y_m[row]))
    place = patch(run, exposed.person_s, MOST_EXPOSED * most, worst, "the ground of most exposure")
    ever = int((exposed.each_s > 0).sum())
    longer = int((exposed.each_s > criterion.limit_s).sum())
    are = f"were above {level:g} people/m² at some time, anywhere; {longer:,} of them for over {criterion.limit_s:g} s"
    return Subject(place, (at_s, at_s), series, ever, are, float(exposed.each_s.sum()))


def about_level_of_service(criterion: LevelOfServiceCriterion, entry: Entry, run: Run) -> Subject:
    """Return the share of people's time beyond the level over time: it has no one place."""
    if not entry["applies"] or entry["value"] is None:
        return Subject()
    found = run.measures.service_series
    spent = found.spent[criterion.context]
    total, beyond = spent.sum(axis=1), spent[:, LEVELS.index(criterion.worst) + 1 :].sum(axis=1)
    share = np.divide(beyond, total, out=np.zeros_like(total), where=total > 0)
    at = int(beyond.argmax())
    end_s = run.recording.simulated_s
    above = [(float(b), min(float(b) + AVERAGED_S, end_s)) for b in found.begins_s[share > criterion.limit_share]]
    series = Series(
        f"Share of the time in the context '{criterion.context}' beyond level {criterion.worst}, each {AVERAGED_S:g} s",
        "share of people's time",
        found.begins_s,
        share,
        criterion.limit_share,
        f"limit for the whole run: {criterion.limit_share:.0%}",
        beyond=joined(above) if entry["passed"] is False else (),
        form="steps",
    )
    begins_s = float(found.begins_s[at])
    return Subject(
        None,
        (begins_s, min(begins_s + AVERAGED_S, end_s)),
        series,
        None,
        "levels of service are counted by people's time, not by person",
        float(beyond.sum()),
    )


def _series(title: str, limit: float, limit_text: str) -> Series:
    return Series(title, PER_M2, np.empty(0), np.empty(0), limit, limit_text)


def _edge(entry: Entry) -> float:
    """Return above which value cells belong to the place."""
    return float(entry["limit"]) if entry["value"] > entry["limit"] else NEARLY * float(entry["value"])


def _spot(entry: Entry, run: Run) -> Peak | None:
    """Return the worst spot in the plane of the recording's venue; None if there is none."""
    at = entry["at"]
    if "x" not in at or entry["value"] is None:
        return None
    shift_x, shift_y = run.recording.shift_m[int(at["level"])].tolist()
    return Peak(float(entry["value"]), float(at.get("time_s", math.nan)), at["x"] + shift_x, at["y"] + shift_y)
