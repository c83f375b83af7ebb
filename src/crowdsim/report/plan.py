"""The venue plan: what is where, how wide, and how many start there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from numpy.typing import NDArray
from shapely import LineString

from crowdsim.record.recording import Recording
from crowdsim.report.ground import EDGE_IN, TALLEST_IN, Page, area_patch, map_page, map_scale
from crowdsim.report.key import (
    BADGE_PT,
    FIRST_LONG_NUMBER,
    GAP_IN,
    LONG_BADGE_PT,
    Key,
    Row,
    Section,
    column_width,
    draw_badge,
)
from crowdsim.report.labels import Mark, place_badges
from crowdsim.report.levels import name_lines
from crowdsim.report.starting import starting
from crowdsim.report.style import (
    COUNTER,
    DPI,
    ENTRANCE,
    HATCH,
    LINK,
    LINK_LINE,
    MEASURED,
    NECK,
    OBSTACLE,
    OPEN,
    POINTS_PER_IN,
    QUEUE,
    STEWARD,
    WIDTH_IN,
    ZONE,
)
from crowdsim.scenario.feature import Scenario
from crowdsim.scenario.steward import Steward
from crowdsim.venue import Area, Venue, build_venue, steward_place
from crowdsim.venue.links import Link
from crowdsim.venue.passages import find_passages

Float64 = NDArray[np.float64]
Arrow = tuple[tuple[float, float], tuple[float, float]]

BELOW_GAIN = 1.4
"""The list goes below the map if that lets the map be this many times as wide."""

ITEMS, LARGEST = 60, 2.0
"""Beyond so many numbers the page grows with them, up to so many times: they would not find room on the map."""

TALLEST_KEY_IN = 8.0
"""The tallest list beside a map."""

ARROW_PT = 22.0
"""Length of the arrows at entrances and one-way doors."""

SAMPLE_PT = 4.0
"""Spacing of the points by which lines are kept clear of numbers."""

LINK_TITLES = {"stair": "Stairs", "ramp": "Ramps", "escalator": "Escalators", "lift": "Lifts"}
"""What ways between levels are called in the list."""

PASSAGES_SHOWN = 5
"""As many of the narrowest passages, doors and exits aside, are on the plan."""

TINT = 0.25
"""Opacity of zones and entrances."""


@dataclass(frozen=True, slots=True)
class _Item:
    """Something on the plan: its row in the list, its place [m], and the way to where its number should be."""

    row: Row
    place: tuple[float, float]
    towards: tuple[float, float] = (0.0, 0.0)


def draw_plan(scenario: Scenario, path: Path) -> None:
    """Draw a scenario's venue plan and write it as a PNG file."""
    plan_figure(scenario, build_venue(scenario)).savefig(path, dpi=DPI, format="png")


def plan_figure(scenario: Scenario, venue: Venue, recording: Recording | None = None) -> Figure:
    """Return the venue plan: numbered features, listed beside or below it with names, widths and numbers of people.

    Doors and exits are as the scenario sets them. With the recording of a run, the title says if it is partial.
    """
    parts = list(_parts(scenario, venue))
    sections = [section for section, _ in parts]
    items = [(section.colour, item) for section, listed in parts for item in listed]
    enlarged = min(max(len(items) / ITEMS, 1.0), LARGEST)
    key, below = _arranged(venue, sections, enlarged)
    page = map_page(
        venue,
        scenario.config.title,
        f"Venue plan: {venue.walkable.area:,.0f} m² walkable, {starting(scenario).altogether()}",
        panel_in=key.size_in,
        below=below,
        enlarged=enlarged,
        recording=recording,
    )
    key.draw(page.panel)
    _draw_areas(page, venue)
    for steward in scenario.config.stewards.values():
        heard = Circle(steward_place(venue, steward), steward.reach_m, fc="none", ec=STEWARD, ls=":", lw=1.4, zorder=6)
        page.map.add_patch(heard)
    _draw_badges(page, items, venue)
    return page.figure


def _arranged(venue: Venue, sections: list[Section], enlarged: float) -> tuple[Key, bool]:
    """Return the list, and whether it goes below the map: if it is long, or if the map gains much by that."""
    beside = Key(sections, 1)
    room, tallest = enlarged * WIDTH_IN - 2 * EDGE_IN, enlarged * TALLEST_IN
    gain = map_scale(venue, room, tallest) / map_scale(venue, room - EDGE_IN - beside.size_in[0], tallest)
    if gain < BELOW_GAIN and beside.size_in[1] <= TALLEST_KEY_IN:
        return beside, False
    columns = int((room + GAP_IN) / (column_width(sections) + GAP_IN))
    return Key(sections, columns), True


def _parts(scenario: Scenario, venue: Venue) -> Iterator[tuple[Section, list[_Item]]]:
    """Yield the kinds of things on the plan, with the things; kinds there are none of are left out."""
    people = starting(scenario).at

    def passage(name: str, width_m: float, is_open: bool, is_one_way: bool = False) -> Row:
        how = ", one way" if is_one_way else ""
        return Row(name, f"{width_m:.2f} m{how if is_open else ', closed'}", closed=not is_open)

    measured = {"color": MEASURED, "ls": "--", "lw": 1.5}
    kinds: tuple[tuple[str, str, dict[str, Any], bool, list[_Item]], ...] = (
        ("Exits", OPEN, {"color": OPEN, "lw": 4}, False, [
            _Item(passage(n, e.width_m, e.open), *_beside_exit(e.line, e.area)) for n, e in venue.exits.items()
        ]),
        ("Doors", OPEN, {"color": OPEN, "lw": 2.5}, False, [
            _Item(passage(n, d.width_m, d.open, d.one_way_line is not None), *_beside_line(d.line))
            for n, d in venue.doors.items()
        ]),
        *((title, LINK_LINE, {"fc": LINK, "ec": LINK_LINE}, True, [
            _Item(passage(n, k.width_m, k.open), _middle(venue, k)) for n, k in venue.links.items()
            if k.feature.kind == kind
        ]) for kind, title in LINK_TITLES.items()),
        ("Entrances", ENTRANCE, {"fc": ENTRANCE, "ec": ENTRANCE, "alpha": TINT}, True, [
            _Item(Row(n, people(n)), _centre(a), _outward(a, venue)) for n, a in venue.entrances.items()
        ]),
        ("Measurement lines", MEASURED, measured, False, [
            _Item(Row(n, f"{line.length:.2f} m"), *_beside_line(line)) for n, line in venue.lines.items()
        ]),
        ("Measurement areas", MEASURED, {"fc": "none", "ec": MEASURED, "ls": "--", "lw": 1.2}, True, [
            _Item(Row(n, f"{a.area:,.1f} m²"), _centre(a)) for n, a in venue.areas.items()
        ]),
        ("Queues", QUEUE, {"color": QUEUE, "lw": 2.0}, False, [
            _Item(Row(n, f"{line.length:.1f} m"), line.coords[-1]) for n, line in venue.queues.items()
        ]),
        ("Counters", COUNTER, {"color": COUNTER, "lw": 4.0}, False, [
            _Item(Row(n, f"{line.length:.1f} m"), *_beside_line(line)) for n, line in venue.counters.items()
        ]),
        ("Stewards, and how far they are heard", STEWARD, {"fc": "none", "ec": STEWARD, "ls": ":", "lw": 1.4}, True, [
            _Item(Row(n, f"{_sent_to(s)}, {s.reach_m:g} m"), steward_place(venue, s))
            for n, s in scenario.config.stewards.items()
        ]),
        ("Narrowest passages", NECK, {"color": NECK, "ls": ":", "lw": 2.0}, False, [
            _Item(Row("", f"{neck.width_m:.1f} m"), (neck.x, neck.y)) for neck in find_passages(venue, PASSAGES_SHOWN)
        ]),
        ("Zones", ZONE, {"fc": ZONE, "ec": ZONE, "alpha": TINT}, True, [
            _Item(Row(n, "kept clear" if n in venue.kept_clear else people(n) or f"{a.area:,.0f} m²"), _centre(a))
            for n, a in venue.zones.items()
        ]),
    )  # fmt: skip
    for title, colour, sample, is_area, items in kinds:
        if items:
            yield Section(title, colour, sample, tuple(item.row for item in items), is_area), items
    if venue.obstacles or venue.rails:
        yield Section("Obstacles", HATCH, {"fc": OBSTACLE, "ec": HATCH, "hatch": "////"}, is_area=True), []


def _draw_areas(page: Page, venue: Venue) -> None:
    axes = page.map
    for area in venue.zones.values():
        axes.add_patch(area_patch(area, fc=ZONE, ec="none", alpha=TINT, zorder=2))
    for area in venue.entrances.values():
        axes.add_patch(area_patch(area, fc=ENTRANCE, ec="none", alpha=TINT, zorder=3))
        _draw_arrow(page, _arrow(area, venue, page.points_per_m), ENTRANCE)
    for line in _one_way_lines(venue):
        _draw_arrow(page, _arrow_across(line, page.points_per_m), OPEN)
    for area in venue.areas.values():
        axes.add_patch(area_patch(area, fc="none", ec=MEASURED, ls="--", lw=1.4, zorder=6))
    for line in venue.lines.values():
        axes.plot(*line.xy, color=MEASURED, ls="--", lw=1.8, zorder=6)
    for line in venue.queues.values():
        axes.plot(*line.xy, color=QUEUE, lw=1.6, zorder=5)
        axes.plot(*line.coords[0], "s", color=QUEUE, ms=4, zorder=5)
    for line in venue.counters.values():
        axes.plot(*line.xy, color=COUNTER, lw=4.0, zorder=5, solid_capstyle="butt")


def _draw_arrow(page: Page, ends: Arrow, colour: str) -> None:
    start, end = ends
    page.map.annotate(
        "", end, start, zorder=7,
        arrowprops={"arrowstyle": "-|>,head_width=0.35,head_length=0.6", "color": colour, "lw": 2.2, "shrinkA": 0,
                    "shrinkB": 0},
    )  # fmt: skip


def _draw_badges(page: Page, items: list[tuple[str, _Item]], venue: Venue) -> None:
    axes, scale = page.map, page.points_per_m
    origin = np.array([axes.get_xlim()[0], axes.get_ylim()[0]])
    far = np.array([axes.get_xlim()[1], axes.get_ylim()[1]])

    def to_points(places: object) -> Float64:
        points: Float64 = (np.asarray(places, dtype=float).reshape(-1, 2) - origin) * scale
        return points

    radii = [BADGE_PT if number < FIRST_LONG_NUMBER else LONG_BADGE_PT for number in range(1, len(items) + 1)]
    marks = [
        Mark(tuple(to_points(item.place)[0]), radius, item.towards)
        for radius, (_, item) in zip(radii, items, strict=True)
    ]
    clear = to_points(_to_keep_clear(venue, scale))
    badges = place_badges(marks, clear, np.zeros(2), (far - origin) * scale)
    for number, ((colour, item), badge) in enumerate(zip(items, badges / scale + origin, strict=True), start=1):
        if np.hypot(*(badge - item.place)) * scale > BADGE_PT:
            axes.plot(*zip(item.place, badge, strict=True), color=colour, lw=0.9, zorder=7)
        draw_badge(axes, badge, number, colour, closed=item.row.closed)


def _to_keep_clear(venue: Venue, scale: float) -> Float64:
    """Return points [m] along everything that a number must not hide: doors, exits, what is measured, arrows."""
    lines = [
        *(door.line for door in venue.doors.values()),
        *(exit_.line for exit_ in venue.exits.values() if exit_.line is not None),
        *venue.lines.values(),
        *venue.counters.values(),
        *(area.exterior for area in venue.areas.values()),
        *(LineString(_arrow(area, venue, scale)) for area in venue.entrances.values()),
        *(LineString(_arrow_across(line, scale)) for line in _one_way_lines(venue)),
        *name_lines(venue, scale / POINTS_PER_IN),
    ]
    return np.concatenate([shapely.get_coordinates(shapely.segmentize(lines, SAMPLE_PT / scale)), np.empty((0, 2))])


def _sent_to(steward: Steward) -> str:
    """Return in a few words where a steward sends people."""
    return steward.exit if isinstance(steward.exit, str) else " or ".join(steward.exit)


def _middle(venue: Venue, link: Link) -> tuple[float, float]:
    """Return the middle of a way between levels, on the lower one."""
    shift = venue.sheets[venue.levels.index(link.lower)].shift
    middle = link.line.interpolate(0.5, normalized=True)
    return middle.x + shift[0], middle.y + shift[1]


def _centre(area: Area) -> tuple[float, float]:
    inside = area.centroid if shapely.intersects(area, area.centroid) else area.representative_point()
    return inside.x, inside.y


def _beside_line(line: LineString) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the middle of a line and the direction across it."""
    (x0, y0), (x1, y1) = line.coords[0], line.coords[-1]
    middle = line.interpolate(0.5, normalized=True)
    return (middle.x, middle.y), (y0 - y1, x1 - x0)


def _beside_exit(line: LineString | None, area: Area) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the middle of an exit and the way out."""
    if line is None:
        return _centre(area), (0.0, 0.0)
    middle, beyond = line.interpolate(0.5, normalized=True), area.centroid
    return (middle.x, middle.y), (beyond.x - middle.x, beyond.y - middle.y)


def _outward(area: Area, venue: Venue) -> tuple[float, float]:
    """Return the direction from an entrance to the nearest wall."""
    x, y = _centre(area)
    wall = shapely.get_coordinates(shapely.shortest_line(shapely.Point(x, y), venue.walkable.boundary))[-1]
    return float(wall[0] - x), float(wall[1] - y)


def _one_way_lines(venue: Venue) -> list[LineString]:
    """Return the lines of the open doors that people pass from right to left only."""
    return [door.one_way_line for door in venue.doors.values() if door.open and door.one_way_line is not None]


def _arrow_across(line: LineString, scale: float) -> Arrow:
    """Return start and end of the arrow by which people pass a line, from its right to its left."""
    (x, y), to_left = _beside_line(line)
    across = np.asarray(to_left) / line.length * ARROW_PT / 2 / scale
    return (x - across[0], y - across[1]), (x + across[0], y + across[1])


def _arrow(area: Area, venue: Venue, scale: float) -> Arrow:
    """Return start and end of the arrow by which people come in through an entrance."""
    (x, y), out = _centre(area), np.asarray(_outward(area, venue))
    reach = out / (np.hypot(*out) or 1.0) * ARROW_PT / 2 / scale
    return (x + reach[0], y + reach[1]), (x - reach[0], y - reach[1])
