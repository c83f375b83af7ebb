"""What a finding is about: a place, a time, a quantity over the run, and the people it concerns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.ndimage import label
from shapely.geometry.base import BaseGeometry

from crowdsim.assess.judged import Run
from crowdsim.assess.series import Series
from crowdsim.measure.maps import Peak
from crowdsim.record.recording import Frame, Recording
from crowdsim.venue import Area

Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]

AROUND_M = 5.0
"""Around a passage or a place without an extent of its own, so far people count as there (our choice: the crowd that
somebody in it takes in)."""

BESIDE_LINE_M = 1.0
"""Whoever is so near to a queue's line counts as in its place (our choice: a person's breadth on either side)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding is, in the plane of the recording's venue.

    Attributes
    ----------
    words : what it is.
    x, y : its worst spot [m].
    shape : its ground; whoever is on its edge is in it.
    """

    words: str
    x: float
    y: float
    shape: Area

    def holds(self, x: Float64, y: Float64) -> NDArray[np.bool_]:
        """Return which of (m,) points are in it."""
        x0, y0, x1, y1 = self.shape.bounds
        there: NDArray[np.bool_] = (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
        there[there] = shapely.intersects_xy(self.shape, x[there], y[there])
        return there


@dataclass(frozen=True, slots=True)
class Subject:
    """What a finding is about.

    Attributes
    ----------
    place : None where the criterion is about the whole venue, or about nothing that was simulated.
    worst_s : from when to when it was worst, the same for a moment; None if that cannot be said.
    series : None where nothing goes with time.
    people, people_are : how many people it concerns and who counts; None, and why they are not counted.
    person_s : person-seconds beyond the limit; None where they say nothing.
    there : numbers of the people of the worst time, if those are not all who are in the place then.
    """

    place: Place | None = None
    worst_s: tuple[float, float] | None = None
    series: Series | None = None
    people: int | None = None
    people_are: str = ""
    person_s: float | None = None
    there: Int32 | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """One sampled time of the second way through a recording.

    Attributes
    ----------
    velocity_x, velocity_y : (m,) displacement since the sample before over the time between [m/s]; NaN if not known.
    lasts_s : until the next sample, or the run's end [s].
    """

    frame: Frame
    velocity_x: Float64
    velocity_y: Float64
    lasts_s: float


class Watch(Protocol):
    """Something that is known of a finding's subject only after a second way through the recording."""

    def take(self, look: Look) -> None:
        """Take in a sampled time at which somebody is inside."""

    def subject(self) -> Subject:
        """Return the subject, after all was taken in."""


def patch(run: Run, values: NDArray[np.floating], edge: float, worst: Peak, words: str) -> Place:
    """Return the connected cells of a map whose value is above an edge, around the worst one; at least that one.

    Parameters
    ----------
    values : (rows, columns) as in `CrowdMaps`.
    """
    maps = run.measures.maps
    row, column = int(np.abs(maps.y_m - worst.y).argmin()), int(np.abs(maps.x_m - worst.x).argmin())
    above = (values > edge) & maps.walkable
    above[row, column] = True
    patches, _ = label(above, structure=np.ones((3, 3)))
    rows, columns = np.nonzero(patches == patches[row, column])
    half = maps.cell_m / 2
    x, y = maps.x_m[columns], maps.y_m[rows]
    cells = shapely.box(x - half, y - half, x + half, y + half)
    return Place(words, worst.x, worst.y, shapely.union_all(cells))


def zone(run: Run, name: str, kind: str = "") -> Place:
    """Return a zone or measurement area as a place."""
    venue = run.recording.venue
    area = (venue.zones | venue.areas)[name]
    what = kind or ("zone" if name in venue.zones else "measurement area")
    middle = area.representative_point()
    return Place(f"{what} {name!r}", middle.x, middle.y, area)


def passage(run: Run, name: str) -> Place:
    """Return the ground around an exit, a door, a way between levels or a measurement line as a place."""
    venue = run.recording.venue
    if name in venue.exits:
        exit_ = venue.exits[name]
        kind, line = "exit", exit_.area if exit_.line is None else exit_.line
    elif name in venue.doors:
        kind, line = "door", venue.doors[name].line
    elif name in venue.links:
        link = venue.links[name]
        kind, line = link.feature.kind, run.recording.of_link(link, link.area)
    else:
        kind, line = "measurement line", venue.lines[name]
    middle = line.centroid
    around = shapely.intersection(shapely.buffer(line, AROUND_M), venue.walkable)
    return Place(f"{kind} {name!r}", middle.x, middle.y, around)


def passages(recording: Recording) -> dict[tuple[str, str], BaseGeometry]:
    """Return the shapes of open doors, exits and ways between levels in the plane of the venue, by kind and name."""
    venue = recording.venue
    return {
        **{("exit", name): exit_.line or exit_.area for name, exit_ in venue.open_exits.items()},
        **{("door", name): door.line for name, door in venue.doors.items() if door.open},
        **{
            (link.feature.kind, name): recording.of_link(link, link.area)
            for name, link in venue.links.items()
            if link.open
        },
    }


def queues_of(run: Run, service: str) -> Place:
    """Return the ground along the queues of a service as a place; its worst spot is where people join the longest."""
    venue = run.recording.venue
    lines = [venue.queues[queue] for queue in run.recording.scenario.config.services[service].queues]
    longest = max(lines, key=lambda line: line.length)
    x, y = longest.coords[-1]
    ground = shapely.intersection(shapely.buffer(shapely.union_all(lines), BESIDE_LINE_M), venue.walkable)
    return Place(f"the queues of {service!r}", float(x), float(y), ground)


def square(x: float, y: float, edge_m: float, words: str) -> Place:
    """Return a square around a point as a place."""
    half = edge_m / 2
    return Place(words, x, y, shapely.box(x - half, y - half, x + half, y + half))
