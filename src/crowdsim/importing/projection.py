"""Coordinates of maps into metres near zero, so that distances on the ground are kept."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from crowdsim.errors import MissingExtraError, Problem, ScenarioError

Bounds = tuple[float, float, float, float]

WGS84 = "EPSG:4326"
"""Longitude and latitude in degrees as GPS, OpenStreetMap and GeoJSON (RFC 7946, section 4) have them."""

WIDEST_DEG = 4.0
"""Data wider than this are no place that people walk in. Up to it a transverse Mercator projection keeps distances
within 1 in 1000: its scale is 1 + x^2 / (2 R^2) at x from the middle (Snyder, Map Projections - A Working Manual, 1987,
equation 8-11), with R = 6371 km and x up to 223 km; over 5 km within 1 in 10 million."""

DISTORTED = 1e-3
"""A projected system whose scale is off by more is projected anew: national grids and UTM stay within it (UTM's scale
is 0.9996 in the middle of a zone), web Mercator does not (1.6 at 52 degrees north)."""

AN_EPSG_CODE = "a code such as EPSG:25832"


@dataclass(frozen=True, slots=True)
class Projection:
    """A way from a file's coordinates to metres, origin at the south-west corner of the data rounded down.

    Attributes
    ----------
    words : what a unit of the file's coordinates is and how it became metres, so that it can be undone.
    points : coordinates of shape (n, 2) in the file's system to metres.
    """

    words: str
    points: Callable[[NDArray[np.float64]], NDArray[np.float64]]

    def apply(self, geometries: NDArray[Any]) -> NDArray[Any]:
        """Return geometries in metres, heights left out."""
        return np.atleast_1d(shapely.transform(geometries, self.points))


def plane(unit_m: float, words: str) -> Projection:
    """Return the projection of plane coordinates that are only scaled.

    Parameters
    ----------
    unit_m : length of a unit [m].
    """
    return Projection(words, lambda points: points * unit_m)


def local_projection(crs: str, bounds: Bounds, file: str) -> Projection:
    """Return the projection for data in a coordinate system.

    Degrees, and systems that distort distances where the data are, become metres of a transverse Mercator projection
    about the middle of the data; other projected systems are shifted, and scaled if their unit is not the metre.

    Parameters
    ----------
    crs : as pyproj reads it: `EPSG:25832`, `urn:ogc:def:crs:OGC:1.3:CRS84`, a PROJ string.
    bounds : west, south, east and north of the data, in its own coordinates, x (or longitude) first.
    file : what to name in messages.

    Raises
    ------
    ScenarioError
        If the system is unknown or not of a map, or the data do not lie in it or are too wide.
    MissingExtraError
        Without pyproj.
    """
    pyproj = _pyproj()
    system = _system(pyproj, crs, file)
    name = ":".join(system.to_authority() or ()) or system.name
    corners = np.array([[bounds[k], bounds[j]] for k in (0, 2) for j in (1, 3)], dtype=float)
    to_degrees = pyproj.Transformer.from_crs(system, WGS84, always_xy=True)
    degrees = np.column_stack(to_degrees.transform(corners[:, 0], corners[:, 1]))
    if not np.isfinite(degrees).all() or (system.is_geographic and np.abs(corners[:, 1]).max() > 90):  # noqa: PLR2004
        found = f"coordinates from {bounds[0]:g}, {bounds[1]:g} to {bounds[2]:g}, {bounds[3]:g}, outside of {name}"
        raise ScenarioError([Problem(file, "coordinates", found, "those of the coordinate system, or another --crs")])
    (west, south), (east, north) = degrees.min(axis=0), degrees.max(axis=0)
    if max(east - west, north - south) > WIDEST_DEG:
        found = f"data {east - west:.3g} degrees wide and {north - south:.3g} high"
        raise ScenarioError([Problem(file, "coordinates", found, f"at most {WIDEST_DEG:g} degrees: cut it with --box")])
    middle = (float(west + east) / 2, float(south + north) / 2)
    if system.is_projected and not _distorts(pyproj, system, middle):
        axis = system.axis_info[0]
        unit_m = axis.unit_conversion_factor
        origin = np.floor(np.asarray(bounds[:2]) * unit_m) / unit_m
        words = f"{axis.unit_name} of {name} ({unit_m:.9g} m); 0, 0 is {origin[0]:.12g}, {origin[1]:.12g} there"
        return Projection(words, lambda points: (points - origin) * unit_m)
    return _transverse(pyproj, system, name, middle, corners)


def _transverse(
    pyproj: Any, system: Any, name: str, middle: tuple[float, float], corners: NDArray[np.float64]
) -> Projection:
    """Return the projection about a middle, moved so that the data's south-west corner is near 0, 0."""

    def project(string: str) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
        change = pyproj.Transformer.from_crs(system, pyproj.CRS.from_user_input(string), always_xy=True)
        return lambda points: np.column_stack(change.transform(points[:, 0], points[:, 1]))

    about = f"+proj=tmerc +lat_0={middle[1]:.7f} +lon_0={middle[0]:.7f} +k=1"
    rest = "+datum=WGS84 +units=m +no_defs"
    edge = np.linspace(corners[0], corners[2])  # the southern edge bends: its lowest point is in the middle
    east, north = (-math.floor(low) for low in project(f"{about} {rest}")(np.vstack([corners, edge])).min(axis=0))
    string = f"{about} +x_0={east} +y_0={north} {rest}"
    return Projection(f"{system.axis_info[0].unit_name} of {name}, projected by {string}", project(string))


def _system(pyproj: Any, crs: str, file: str) -> Any:
    """Return a coordinate system, of a compound one the horizontal part."""
    try:
        system = pyproj.CRS.from_user_input(crs)
    except pyproj.exceptions.CRSError as error:
        raise ScenarioError([Problem(file, "coordinate system", repr(crs), AN_EPSG_CODE)]) from error
    if system.is_compound:
        system = system.sub_crs_list[0]
    if not (system.is_geographic or system.is_projected):
        found = f"{crs!r}, a {system.type_name}"
        raise ScenarioError([Problem(file, "coordinate system", found, f"one of a map: {AN_EPSG_CODE}")])
    return system


def _distorts(pyproj: Any, system: Any, middle: tuple[float, float]) -> bool:
    """Return whether distances in a projected system are not those on the ground."""
    scale = pyproj.Proj(system).get_factors(*middle)
    return any(abs(value - 1) > DISTORTED for value in (scale.meridional_scale, scale.parallel_scale))


def _pyproj() -> Any:
    try:
        import pyproj  # noqa: PLC0415
        import pyproj.exceptions  # noqa: PLC0415
    except ImportError as error:
        msg = 'this needs pyproj, which is optional: pip install "crowdsim[maps]"'
        raise MissingExtraError(msg) from error
    return pyproj
