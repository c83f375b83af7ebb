"""Levels and the ways between them as geometry, and what is wrong with those that do not fit."""

import dataclasses
import math

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from levels import HIGH, LEVELS, LOW, RUN_M, on, person, two_halls, way
from scenes import area, hall, line, rectangle

from crowdsim.kernels.maps import fall_off
from crowdsim.scenario.feature import DOWN
from crowdsim.scenario.profile import STAIRS_DOWN, STAIRS_UP, Profile
from crowdsim.venue import build_venue
from crowdsim.venue.checks import find_problems
from crowdsim.venue.links import RISER_M, TREAD_M
from crowdsim.venue.sheets import SIDE_M, moved

STAIR = way("stair", "stair", (12, 5), (12 + RUN_M, 5))
ADULT = Profile(
    free_speed_m_s={"mean": 1.34, "sd": 0.0, "min": 1.34, "max": 1.34},
    body_radius_m={"mean": 0.2, "sd": 0.0, "min": 0.2, "max": 0.2},
)


def problems(*ways, **settings):
    return [f"{p.where}: {p.found}; {p.allowed}" for p in find_problems(two_halls(*ways, **settings))]


def test_a_venue_without_levels_lies_where_it_is_drawn():
    scene = hall(12, 10, 20)
    drawn, unfolded = build_venue(scene), build_venue(scene, unfolded=True)
    assert shapely.equals_exact(drawn.walkable, unfolded.walkable)
    assert [sheet.shift for sheet in unfolded.sheets] == [(0.0, 0.0)]
    assert not unfolded.seams


def test_sheets_do_not_touch_and_have_the_sizes_drawn():
    venue = build_venue(two_halls(STAIR), unfolded=True)
    assert [sheet.name for sheet in venue.sheets] == [LOW, HIGH, "stair"]
    assert [sheet.area.area for sheet in venue.sheets[1:]] == pytest.approx([12 * 10 + 1.5 * 10, RUN_M * 2])
    boxes = [shapely.box(*part.bounds) for part in venue.walkable.geoms]
    assert min(a.distance(b) for a in boxes for b in boxes if a is not b) > 6


@pytest.mark.parametrize("measure", [{"smoothing_m": 3.0}, {"pressure_radius_m": 4.0, "pressure_window_s": 10.0}])
def test_levels_lie_beyond_the_reach_of_what_is_measured_on_each(measure):
    venue = build_venue(two_halls(STAIR, measure=measure))
    boxes = [shapely.box(*part.bounds) for part in venue.walkable.geoms]
    sd_m = measure.get("smoothing_m", measure.get("pressure_radius_m", 0.0) / math.sqrt(2))
    reach_m = (fall_off(min(sd_m, 0.5), sd_m).size - 0.5) * min(sd_m, 0.5)
    assert len(boxes) == 2
    assert boxes[0].distance(boxes[1]) > reach_m


def test_seams_come_in_pairs_that_lead_back():
    venue = build_venue(two_halls(STAIR, way("lift", "lift", (12, 8), (14, 8))), unfolded=True)
    assert len(venue.seams) == 8
    for onto, off in zip(venue.seams[::2], venue.seams[1::2], strict=True):
        assert (onto.onto, off.onto) == (True, False)
        assert onto.shift == (-off.shift[0], -off.shift[1])
        assert (onto.leaves, onto.leads) == (off.leads, off.leaves)
        across = moved(onto.line, onto.shift).reverse()
        assert across.hausdorff_distance(off.line) < 1e-9


@given(st.floats(-3, 3), st.floats(0.8, 3.0), st.booleans())
def test_what_is_beyond_a_seam_is_the_same_on_both_sheets(aside, width, floor_goes_on):
    """Also if the floor goes on under the stair: its side is a wall."""
    stair = way("stair", "stair", (12, 5 + aside / 2), (12 + RUN_M, 5 - aside / 2), width=width)
    under = on(LOW, area("under", "walkable", rectangle(11, 0, 30, 10))) if floor_goes_on else []
    venue = build_venue(two_halls(stair, features=tuple(under)), unfolded=True)
    for seam in venue.seams:
        there = venue.sheets[seam.leads].area
        seen = shapely.intersection(venue.walkable, shapely.buffer(seam.beyond, -3 * SIDE_M))
        assert seen.area > 0.7 * seam.beyond.area - 0.5
        assert shapely.difference(moved(seen, seam.shift), shapely.buffer(there, 1e-3)).area < 1e-6
        assert seam.line.length == pytest.approx(width)


def test_neighbouring_stairs_have_a_wall_between_them():
    pair = [way(name, "stair", (12, y), (12 + RUN_M, y)) for name, y in (("one", 4), ("two", 6))]
    venue = build_venue(two_halls(*pair), unfolded=True)
    onto = [seam for seam in venue.seams if seam.onto and seam.up]
    parts = shapely.get_parts(shapely.buffer(venue.walkable, -SIDE_M / 4))
    ground = next(part for part in parts if part.intersects(shapely.buffer(onto[0].line, 0.1)))
    beside = shapely.LineString([(13, 4.0), (13, 6.0)])
    inside = moved(beside, venue.sheets[0].shift)
    assert shapely.intersection(ground, inside).geom_type == "MultiLineString"


def test_a_stair_that_turns_back_has_room_at_both_ends():
    """Foot and head beside each other, both to the west."""
    ways = [(12, 3), (19, 3), (19, 5.2), (12, 5.2)]
    stair = way("stair", "stair", *ways)
    upper = on(
        HIGH, area("landing", "walkable", rectangle(6, 4, 12, 10)), area("on", "walkable", rectangle(6, 9, 32, 10))
    )
    scene = two_halls(stair, features=tuple(upper))
    assert find_problems(scene) == []
    assert find_problems(two_halls(stair, features=tuple(upper), down=True)) == []


@pytest.mark.parametrize(
    ("ways", "complaint"),
    [
        ([way("s", "stair", (13, 5), (20, 5))], "no floor of level 'ground' at its lower end, at (13.00, 5.00)"),
        ([way("s", "stair", (20, 5), (12, 5))], "no floor of level 'ground' at its lower end, at (20.00, 5.00)"),
        ([way("s", "stair", (12, 5), (19, 5))], "no floor of level 'upper' at its upper end, at (19.00, 5.00)"),
        ([STAIR, way("t", "stair", (12, 6), (20, 6))], "8.00 m2 of it are on stair 't' too"),
        ([way("s", "ramp", (12, 5), (20, 5))], "4 m up on 8.00 m; at least 11.43 m long"),
        ([way("s", "stair", (12, 5), (20, 5), riser_m=0.1, tread_m=0.3)], "40 steps of riser_m 0.1 and tread_m 0.3"),
        ([way("s", "stair", (12, 5), (20, 5), width=0.4)], "a width of 0.40 m; at least 0.46 m"),
        ([way("s", "lift", (12, 5), (13, 5), capacity=30)], "a capacity of 30 in a cabin of 2.00 m2; at most 15"),
        ([], "no way from 'start' to 'out'"),
        ([way("s", "escalator", (12, 5), (20, 5), direction=DOWN)], "no way from 'start' to 'out'"),
    ],
)
def test_what_does_not_fit_is_said(ways, complaint):
    found = problems(*ways)
    assert any(complaint in problem for problem in found), found


def test_people_who_take_no_steps_need_another_way():
    wheels = {"wheels": person(step_free=True)}
    (complaint,) = problems(STAIR, profiles=wheels)
    assert "no way without steps from 'start' to 'out'; a ramp or a lift" in complaint
    assert problems(STAIR, way("lift", "lift", (12, 8), (14, 8)), profiles=wheels)  # no floor above there
    landing = on(
        HIGH, area("landing", "walkable", rectangle(6, 7, 12, 9)), area("on", "walkable", rectangle(6, 9, 32, 10))
    )
    assert not problems(STAIR, way("lift", "lift", (12, 8), (14, 8)), profiles=wheels, features=tuple(landing))


def test_a_level_without_floor_is_said():
    scene = two_halls(STAIR, levels={**LEVELS, "roof": {"elevation_m": 9.0}})
    (problem,) = find_problems(scene)
    assert (problem.where, problem.found) == ("level 'roof'", "no walkable area")


def test_features_are_looked_for_on_their_own_level():
    stray = on(HIGH, area("stray", "zone", rectangle(1, 1, 5, 5)))
    assert any("zone 'stray'" in problem for problem in problems(STAIR, features=tuple(stray)))


def test_a_grid_step_that_does_not_divide_a_metre_is_refused():
    assert any("a whole fraction of a metre" in problem for problem in problems(STAIR, grid_step_m=0.15))
    assert not problems(STAIR, grid_step_m=0.2)


# ---------------------------------------------------------------- speeds
def link_of(kind, **rise):
    points = (12, 5), (12 + RUN_M, 5)
    return build_venue(two_halls(way("s", kind, *points, **rise))).links["s"]


def test_speeds_on_stairs_are_weidmanns():
    stair = link_of("stair")
    assert 1.34 * stair.pace(ADULT, up=True) == pytest.approx(0.610)
    assert 1.34 * stair.pace(ADULT, up=False) == pytest.approx(0.694)
    assert pytest.approx((0.455, 0.518), abs=5e-4) == (STAIRS_UP, STAIRS_DOWN)


def test_steeper_stairs_are_slower_as_the_sfpe_handbook_says():
    usual, steep = link_of("stair", riser_m=RISER_M, tread_m=TREAD_M), link_of("stair", riser_m=0.19, tread_m=0.254)
    assert usual.pace(ADULT, up=True) == pytest.approx(STAIRS_UP)
    # Along the slope 1.00 against 1.08 m/s (10 by 7.5 and 11 by 7 inches); the cosine makes the horizontal part.
    cosines = [t / math.hypot(t, r) for r, t in ((RISER_M, TREAD_M), (0.19, 0.254))]
    ratio = steep.pace(ADULT, up=True) / usual.pace(ADULT, up=True)
    assert ratio * cosines[0] / cosines[1] == pytest.approx(1.00 / 1.08, abs=0.005)


def test_ramps_follow_tobler():
    ramp = dataclasses.replace(link_of("ramp"), rise_m=0.1 * RUN_M)
    assert ramp.pace(ADULT, up=True) == pytest.approx(math.exp(-0.35))
    assert ramp.pace(ADULT, up=False) == pytest.approx(1.0)


def test_people_stand_on_escalators():
    belt = link_of("escalator").belt_m_s
    assert belt == pytest.approx(0.5 * RUN_M / math.hypot(RUN_M, 4.0))


def test_exit_lines_on_levels_are_where_the_level_is():
    venue = build_venue(two_halls(STAIR, features=tuple(on(HIGH, line("m", "measurement_line", (24, 0), (24, 10))))))
    shift = venue.sheets[1].shift
    assert shift != (0.0, 0.0)
    assert venue.lines["m"].bounds == pytest.approx((24 + shift[0], shift[1], 24 + shift[0], 10 + shift[1]))
    assert venue.exits["out"].line.bounds[0] == pytest.approx(32 + shift[0])
