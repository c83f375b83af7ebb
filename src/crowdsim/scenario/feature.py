"""A venue's features as the GeoJSON file states them, and the scenario that holds both files."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, get_args

from crowdsim.scenario.schema import ScenarioConfig
from crowdsim.scenario.venue_settings import PASSAGES, PLACEMENTS

Kind = Literal[
    "walkable",
    "obstacle",
    "entrance",
    "exit",
    "door",
    "zone",
    "measurement_line",
    "measurement_area",
    "queue",
    "counter",
    "stair",
    "ramp",
    "escalator",
    "lift",
]
KINDS: tuple[str, ...] = get_args(Kind)

LINKS = ("stair", "ramp", "escalator", "lift")
"""Kinds that lead from one level to another."""

POLYGON = ("Polygon", "MultiPolygon")
LINE = ("LineString",)
GEOMETRIES: dict[str, tuple[str, ...]] = {
    "walkable": POLYGON,
    "obstacle": POLYGON,
    "entrance": (*LINE, *POLYGON),
    "exit": (*LINE, *POLYGON),
    "door": LINE,
    "zone": POLYGON,
    "measurement_line": LINE,
    "measurement_area": ("Polygon",),
    "queue": (*LINE, "Polygon"),
    "counter": LINE,
    "stair": LINE,
    "ramp": LINE,
    "escalator": LINE,
    "lift": LINE,
}

Ring = tuple[tuple[float, float], ...]


SETTING_OF = {kind: key for key, kind in (PASSAGES | PLACEMENTS).items()}
"""The key of the configuration that places features of each kind."""

UP, DOWN = "up", "down"


@dataclass(frozen=True, slots=True)
class Rise:
    """What a feature that leads from one level to another has besides its line.

    The line is drawn from the lower end; a lift's from the middle of its door to the back of the cabin.

    Attributes
    ----------
    to_level : the level at the upper end.
    riser_m, tread_m : height and depth of a step of a stair; None if not stated.
    speed_m_s : of an escalator's steps, along the slope.
    direction : of an escalator, `UP` or `DOWN`.
    capacity : of a lift, how many people it takes.
    ride_s : of a lift, from the doors' closing on one level to their opening on the other.
    stop_s : of a lift, how long its doors are open on each level.
    """

    to_level: str
    riser_m: float | None = None
    tread_m: float | None = None
    speed_m_s: float = 0.0
    direction: str = UP
    capacity: int = 0
    ride_s: float = 0.0
    stop_s: float = 0.0


LANE_WIDTH_M = 1.2
"""Width of a lane between rails, if not stated: the least recommended for serpentines, 4 feet; 5 feet let companions
stand side by side (ACRP Report 25, vol. 1, Airport Passenger Terminal Planning and Design, 2010)."""


@dataclass(frozen=True, slots=True)
class Fold:
    """How a queue drawn as a rectangle is folded to a serpentine.

    Attributes
    ----------
    head, tail : points at the corners where people are served, and where they join; None if not stated.
    lane_width_m : the least width of a lane, from the middle of a rail to that of the next.
    """

    head: tuple[float, float] | None = None
    tail: tuple[float, float] | None = None
    lane_width_m: float = LANE_WIDTH_M


@dataclass(frozen=True, slots=True)
class Feature:
    """One named feature of a venue, coordinates in metres.

    Attributes
    ----------
    polygons : for areas, one entry a polygon: outer ring first, then holes; empty for lines.
    line : for lines, the vertices; empty for areas.
    width_m : clear width as the file states it; None where it follows from the geometry.
    depth_m : doors only: thickness of the wall that the door goes through.
    open : doors, exits and ways between levels only: as the file states it.
    one_way : doors only: a feature, or x and y of a point, on the side that people go to; None for both ways.
    level : the level that the feature is on; of a way between levels, the lower one. Empty without levels.
    rise : ways between levels only.
    fold : queues drawn as areas only.
    """

    name: str
    kind: Kind
    polygons: tuple[tuple[Ring, ...], ...] = ()
    line: Ring = ()
    width_m: float | None = None
    depth_m: float = 0.0
    open: bool = True
    one_way: str | tuple[float, ...] | None = None
    level: str = ""
    rise: Rise | None = None
    fold: Fold | None = None

    @property
    def line_width_m(self) -> float:
        """The width of a door or exit line: as stated, else its length; 0 for areas."""
        if self.width_m is not None:
            return self.width_m
        return math.dist(self.line[0], self.line[-1]) if self.line else 0.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario ready to simulate: its configuration and its venue's features.

    Attributes
    ----------
    name : the scenario folder's name.
    folder : where its files are.
    features : as the venue file has them.
    choices : the option chosen in each config group (`movement`, `profiles`, ...).
    inputs : SHA-256 of the files that it was read from, by name.
    overrides : what was set besides, as it was given.
    """

    name: str
    folder: Path
    config: ScenarioConfig
    features: tuple[Feature, ...]
    choices: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict, compare=False)
    overrides: tuple[str, ...] = field(default=(), compare=False)

    def placed(self) -> tuple[Feature, ...]:
        """Return the features that are there, each where the configuration puts it."""
        found = []
        for feature in self.features:
            setting = getattr(self.config, SETTING_OF[feature.kind]).get(feature.name)
            if setting is None:
                found.append(feature)
            elif setting.enabled:
                found.append(_moved(feature, setting.move_m))
        return tuple(found)

    def named(self, *kinds: str) -> dict[str, Feature]:
        """Return the features of the given kinds that are there, by name."""
        return {feature.name: feature for feature in self.placed() if feature.kind in kinds}


def _moved(feature: Feature, way: tuple[float, ...]) -> Feature:
    x, y = way
    if not x and not y:
        return feature
    polygons = tuple(tuple(tuple((px + x, py + y) for px, py in ring) for ring in rings) for rings in feature.polygons)
    fold = feature.fold
    if fold:
        head, tail = ((at[0] + x, at[1] + y) if at else None for at in (fold.head, fold.tail))
        fold = replace(fold, head=head, tail=tail)
    line = tuple((px + x, py + y) for px, py in feature.line)
    return replace(feature, polygons=polygons, line=line, fold=fold)
