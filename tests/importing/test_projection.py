"""Maps into metres: distances on the ground are kept, and the way back is told."""

from __future__ import annotations

import math
import re
import sys

import numpy as np
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from crowdsim.errors import MissingExtraError, ScenarioError
from crowdsim.importing.projection import WGS84, local_projection, plane

GEOD = pyproj.Geod(ellps="WGS84")
HALF_M = 2500.0


@settings(deadline=None, max_examples=60)
@given(
    st.floats(-179, 179),
    st.floats(-80, 80),
    st.floats(0, 360),
    st.floats(0, 360),
    st.floats(100, HALF_M),
)
def test_distances_over_five_kilometres_are_those_of_geodesics(lon, lat, one_way, other_way, far_m):
    ends = [GEOD.fwd(lon, lat, way, far_m)[:2] for way in (one_way, other_way)]
    west, south = np.min([*ends, (lon, lat)], axis=0)
    east, north = np.max([*ends, (lon, lat)], axis=0)
    projection = local_projection(WGS84, (west, south, east, north), "map")
    a, b = projection.points(np.array(ends))
    true_m = GEOD.inv(*ends[0], *ends[1])[2]
    assert math.dist(a, b) == pytest.approx(true_m, rel=1e-4, abs=1e-4)


@settings(deadline=None, max_examples=30)
@given(st.floats(-170, 170), st.floats(-75, 75), st.floats(0.001, 0.1))
def test_coordinates_begin_within_a_metre_or_two_of_zero(lon, lat, wide):
    box = (lon, lat, lon + wide, lat + wide)
    points = local_projection(WGS84, box, "map").points(
        np.array([(x, y) for x in np.linspace(box[0], box[2], 9) for y in np.linspace(box[1], box[3], 9)])
    )
    assert points.min() >= 0
    assert points.min(axis=0).max() < 1.001


def test_the_words_hold_a_proj_string_that_leads_back():
    projection = local_projection(WGS84, (24.93, 60.16, 24.95, 60.18), "map")
    string = re.search(r"projected by (.*)", projection.words).group(1)
    x, y = projection.points(np.array([[24.94, 60.17]]))[0]
    back = pyproj.Transformer.from_crs(string, WGS84, always_xy=True).transform(x, y)
    assert back == pytest.approx((24.94, 60.17), abs=1e-9)


def test_metres_of_a_projected_system_are_only_shifted():
    projection = local_projection("EPSG:25832", (691000.7, 5334000.2, 692000.0, 5335000.0), "map")
    assert projection.words == "metre of EPSG:25832 (1 m); 0, 0 is 691000, 5334000 there"
    assert projection.points(np.array([[691010.7, 5334020.2]])) == pytest.approx(np.array([[10.7, 20.2]]))


def test_feet_become_metres():
    projection = local_projection("EPSG:2263", (980000.0, 195000.0, 985000.0, 200000.0), "map")
    a, b = projection.points(np.array([[981000.0, 196000.0], [981000.0, 197000.0]]))
    assert math.dist(a, b) == pytest.approx(304.8006096)
    assert 0 <= a[0] < 306
    assert "US survey foot of EPSG:2263" in projection.words


def test_web_mercator_is_projected_anew():
    change = pyproj.Transformer.from_crs(WGS84, "EPSG:3857", always_xy=True)
    ends = [(13.40, 52.52), (13.41, 52.52)]
    mercator = np.array([change.transform(*end) for end in ends])
    low, high = mercator.min(axis=0), mercator.max(axis=0)
    a, b = local_projection("EPSG:3857", (*low, *high), "map").points(mercator)
    assert math.dist(a, b) == pytest.approx(GEOD.inv(*ends[0], *ends[1])[2], rel=1e-4)


def test_the_horizontal_part_of_a_compound_system_counts():
    assert "EPSG:25832" in local_projection("EPSG:5555", (691000, 5334000, 691100, 5334100), "map").words


@pytest.mark.parametrize(
    ("crs", "bounds", "found"),
    [
        ("EPSG:999999", (0, 0, 1, 1), "EPSG:999999"),
        ("nonsense", (0, 0, 1, 1), "nonsense"),
        ("EPSG:4978", (0, 0, 1, 1), "Geocentric CRS"),
        (WGS84, (0, 0, 1, 95), "outside of EPSG:4326"),
        (WGS84, (0, 0, 30, 1), "data 30 degrees wide"),
    ],
)
def test_what_cannot_be_projected_is_told(crs, bounds, found):
    with pytest.raises(ScenarioError) as caught:
        local_projection(crs, bounds, "map.osm")
    (problem,) = caught.value.problems
    assert problem.file == "map.osm"
    assert found in problem.found


def test_plane_coordinates_are_scaled_and_heights_left_out():
    assert plane(0.001, "millimetres").apply(np.array([Point(1000, 2000, 5)]))[0].wkt == "POINT (1 2)"


def test_without_pyproj_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyproj", None)
    with pytest.raises(MissingExtraError, match=r"crowdsim\[maps\]"):
        local_projection(WGS84, (0, 0, 1, 1), "map")
