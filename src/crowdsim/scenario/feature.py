"""A venue's features as the GeoJSON file states them, and the scenario that holds both files."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from crowdsim.scenario.schema import ScenarioConfig

Kind = Literal["walkable", "obstacle", "entrance", "exit", "door", "zone", "measurement_line", "measurement_area"]
KINDS: tuple[str, ...] = get_args(Kind)

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
}

Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Feature:
    """One named feature of a venue, coordinates in metres.

    Attributes
    ----------
    polygons : for areas, one entry a polygon: outer ring first, then holes; empty for lines.
    line : for lines, the vertices; empty for areas.
    width_m : clear width as the file states it; None where it follows from the geometry.
    depth_m : doors only: thickness of the wall that the door goes through.
    open : doors and exits only: as the file states it.
    """

    name: str
    kind: Kind
    polygons: tuple[tuple[Ring, ...], ...] = ()
    line: Ring = ()
    width_m: float | None = None
    depth_m: float = 0.0
    open: bool = True

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
    choices : the option chosen in each config group (`movement`, `profiles`, ...).
    """

    name: str
    folder: Path
    config: ScenarioConfig
    features: tuple[Feature, ...]
    choices: dict[str, str] = field(default_factory=dict)

    def named(self, *kinds: str) -> dict[str, Feature]:
        """Return the features of the given kinds by name."""
        return {feature.name: feature for feature in self.features if feature.kind in kinds}
