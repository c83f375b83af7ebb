"""What the figures say: lengths, widths, limits, times and places are those of the scenario and the run."""

import dataclasses
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle
from measure.runs import stander, write_run

from crowdsim.measure import measure
from crowdsim.report.flow import MOST_CURVES, MOST_STRIPS, flow_curve
from crowdsim.report.ground import SCALE_BAR_IN, map_page, round_length
from crowdsim.report.plan import draw_plan, plan_figure
from crowdsim.report.plots import Plots, write_plots
from crowdsim.report.style import CLOSED, LIMIT, OPEN
from crowdsim.scenario.arrival import CountRow, CountTable
from crowdsim.venue import build_venue
from report.venues import SCENES, campus, crowded, leaving, many_exits, recorded, room, rooms

PNG = b"\x89PNG\r\n\x1a\n"


def said(figure):
    figure.draw_without_rendering()
    return [text.get_text() for text in figure.findobj(lambda artist: hasattr(artist, "get_text"))]


def plan_of(scene):
    return plan_figure(scene, build_venue(scene))


@given(st.floats(0.01, 1e5))
def test_round_lengths_are_1_2_or_5_times_a_power_of_ten(longest):
    length = round_length(longest)
    assert float(f"{length:.0e}"[0]) in (1, 2, 5)
    assert length == pytest.approx(float(f"{length:.0e}"))
    assert longest / 2.5 - 1e-9 * longest < length <= longest * (1 + 1e-6)


@pytest.mark.parametrize("scene", SCENES)
def test_the_map_is_to_scale_and_the_bar_as_long_as_it_says(scene):
    venue = build_venue(SCENES[scene]())
    page = map_page(venue, "title", "note", panel_in=(2.0, 3.0))
    (x0, y0), (x1, y1) = page.map.transData.transform([(0, 0), (1, 1)])
    per_m = page.points_per_m / 72 * page.figure.dpi
    assert (x1 - x0, y1 - y0) == pytest.approx((per_m, per_m))
    drawn = sum(patch.get_width() for patch in page.map.patches if isinstance(patch, Rectangle))
    (label,) = page.map.texts
    page.figure.draw_without_rendering()
    assert label.get_window_extent().x1 < page.map.get_window_extent().x1
    assert label.get_text() == f"{drawn:g} m"
    assert drawn == pytest.approx(float(label.get_text().removesuffix(" m")))
    assert SCALE_BAR_IN / 2.51 < drawn * page.points_per_m / 72 <= SCALE_BAR_IN + 1e-6


def test_the_plan_lists_widths_states_and_people():
    scene = rooms()
    plan = said(plan_of(scene))
    for text in ("west_exit", "east_exit", "door_3", "seats_0", "middle", "before_west"):
        assert plan.count(text) == 1
    assert plan.count("2.00 m, closed") == 1  # the eastern exit
    assert plan.count("1.00 m, closed") == 1  # door 3
    assert plan.count("1.00 m") == 11
    assert plan.count("5 people") == 11
    assert plan.count("3.00 m") == 1
    assert plan.count("4.0 m²") == 1
    assert "Venue plan: 322 m² walkable, 55 attendees" in plan
    assert {"Exits", "Doors", "Zones", "Measurement lines", "Measurement areas"} <= set(plan)
    assert not {"Entrances", "Obstacles"} & set(plan)


def plan_text_of_passages(plan):
    """Return the widths of narrow passages: the only ones with one decimal."""
    return [text for text in plan if re.fullmatch(r"\d+\.\d m", text)]


def test_every_number_on_the_plan_is_in_the_list():
    plan = said(plan_of(rooms()))
    numbers = [int(text) for text in plan if text.isdigit()]
    assert sorted(numbers) == sorted([*range(1, 30)] * 2)  # the last but for zones: the corridor, a narrow passage
    assert plan_text_of_passages(plan) == ["3.0 m"]


def test_people_who_come_by_rate_are_not_counted():
    plan = said(plan_of(campus()))
    assert plan.count("by rate") == 1
    assert any("attendees by rate tables" in text for text in plan)


def test_the_plan_says_about_how_many_start_where_chance_decides():
    scene = campus()
    groups = scene.config.attendees
    guests = dataclasses.replace(groups["visitors"], count=1000)
    groups["visitors"] = dataclasses.replace(guests, start={"gate_in": 0.25, "square": 0.75}, no_show=0.1)
    table = CountTable(kind="counts", until_s=60.0, rows=(CountRow(from_s=0.0, count=45),))
    groups["counted"] = dataclasses.replace(guests, count=None, arrival=table)
    plan = said(plan_of(scene))
    assert plan.count("about 270 people") == 1
    assert plan.count("about 675 people") == 1
    assert any(text.endswith("about 945 attendees") for text in plan)


def test_closed_passages_differ_in_colour_and_line():
    figure = plan_of(rooms())
    lines = [line for line in figure.axes[0].lines if len(line.get_xdata()) == 2 and line.get_linewidth() >= 2.5]
    shut = [line for line in lines if line.get_color() == CLOSED]
    wide = [line for line in lines if line.get_color() == OPEN]
    assert len(shut) == 2
    assert len(wide) == 12  # eleven doors and an exit
    assert {line.get_linestyle() for line in wide} == {"-"}
    assert "-" not in {line.get_linestyle() for line in shut}


def test_the_density_map_rings_the_maximum_and_tells_it(tmp_path):
    recording = crowded(tmp_path)
    maps = measure(recording).maps
    figure = Plots(recording).density()
    ring = next(line for line in figure.axes[0].lines if line.get_marker() == "o")
    assert (ring.get_xdata()[0], ring.get_ydata()[0]) == (maps.density.x, maps.density.y)
    words = said(figure)
    assert f"highest: {maps.density.value:.1f} people/m²" in words
    assert f"after {maps.density.time_s:.0f} s" in words
    (image,) = figure.axes[0].images
    row, column = np.unravel_index(np.argmax(maps.peak_density_per_m2), maps.peak_density_per_m2.shape)
    shown = image.get_array()
    assert to_hex(image.cmap(image.norm(shown[row, column]))) == "#200106"
    assert shown.mask[0, 0]  # nobody came near that corner


def test_the_density_legend_states_the_limits(tmp_path):
    words = said(Plots(recorded(tmp_path, room())).density())
    ranges = ["below 0.31", "0.31 to 0.43", "0.43 to 0.72", "0.72 to 1.08", "1.08 to 2.17", "2.17 to 4", "4 to 5"]
    assert {*ranges, "above 5"} <= set(words)
    assert [words.count(letter) for letter in "ABCDEF"] == [1, 1, 1, 1, 1, 3]


def test_the_exposure_map_shows_what_was_measured_per_square_metre(tmp_path):
    recording = crowded(tmp_path)
    maps = measure(recording).maps
    figure = Plots(recording).exposure()
    (image,) = figure.axes[0].images
    assert np.nansum(image.get_array().filled(np.nan)) * maps.cell_m**2 == pytest.approx(maps.exposure_by_level[4.0])
    assert any(f"{maps.exposure_by_level[4.0]:,.0f} person-seconds in all" in text for text in said(figure))
    assert any("Nobody was ever above" in t for t in said(Plots(recorded(tmp_path / "b", room(), 2)).exposure()))


def test_the_egress_curve_marks_when_half_and_nearly_all_and_the_last_were_out(tmp_path):
    # 40 people, one a second, 20 s each: the 20th is out at 39 s, the 38th at 57 s, the last at 59 s
    words = said(Plots(recorded(tmp_path, room())).egress())
    assert {"half out: 39 s", "95 % out: 57 s", "last out: 59 s"} <= set(words)


def test_while_people_are_inside_no_last_is_marked_and_they_are_told(tmp_path):
    words = said(Plots(recorded(tmp_path, room(), until_s=50.5)).egress())
    assert "half out: 39 s" in words
    assert not [text for text in words if text.startswith(("95 %", "last"))]
    assert "inside (9 at the end)" in words


def test_the_limit_of_the_egress_time_is_drawn(tmp_path):
    limit = {"egress": {"quantity": "egress_time", "limit_s": 90.0, "source": "test", "level_of_evidence": "standard"}}
    figure = Plots(recorded(tmp_path, room(criteria=limit))).egress()
    assert "limit for the last: 90 s" in said(figure)
    (line,) = [line for line in figure.axes[0].lines if line.get_color() == LIMIT]
    assert set(line.get_xdata()) == {90.0}


def test_the_flow_curve_is_the_mean_over_the_window(tmp_path):
    # from 20 s to 59 s one a second: 60 s around 39.5 s hold all 40, 60 s around 20 s hold 31
    flow = measure(recorded(tmp_path, room())).flows["out"]
    assert flow.window_s == 60.0
    assert flow_curve(flow, np.array([-20.0, 20.0, 39.5, 100.0])) == pytest.approx([0.0, 31 / 60, 40 / 60, 0.0])


def test_the_limit_of_the_flow_is_drawn_at_its_width(tmp_path):
    limit = {"flow": {"quantity": "exit_flow", "limit_per_m_s": 0.5, "source": "test", "level_of_evidence": "standard"}}
    figure = Plots(recorded(tmp_path, room(criteria=limit))).flows()
    (line,) = [line for axes in figure.axes for line in axes.lines if line.get_color() == LIMIT]
    assert set(line.get_ydata()) == {0.5 * 2.0}
    assert not [text for text in said(figure) if "beyond the scale" in text]


def test_a_limit_far_above_the_flow_is_told_in_words(tmp_path):
    figure = Plots(recorded(tmp_path, room())).flows()
    assert "limit 2.7/s, beyond the scale" in said(figure)  # 1.37 /(m s) times 2 m
    assert not [line for axes in figure.axes for line in axes.lines if line.get_color() == LIMIT]


def test_closed_exits_are_named_and_have_no_chart(tmp_path):
    words = said(Plots(recorded(tmp_path, rooms())).flows())
    assert [text for text in words if "Closed: east_exit." in text]
    assert "west_exit\n2.00 m" in words
    assert not [text for text in words if text.startswith("east_exit")]


def test_many_exits_are_strips_and_the_flow_above_the_limit_is_marked(tmp_path):
    scene = many_exits()
    figure = Plots(recorded(tmp_path / "a", scene, 60)).flows()
    strips, *more = figure.axes[0].images
    assert strips.get_array().shape[0] == 26 > MOST_CURVES
    assert not more
    people = [p for p in leaving(scene, 26 * 100, every_s=0.01) if p.exit == "exit_0"]
    busy = write_run(tmp_path / "b", scene, people, until_s=120.0)
    figure = Plots(busy).flows()
    _, over = figure.axes[0].images
    marked = np.isfinite(over.get_array().filled(np.nan)).any(axis=1)
    assert marked.tolist() == [True] + [False] * 25  # 100 people in a minute through 1 m


def test_of_very_many_exits_the_busiest_are_shown(tmp_path):
    figure = Plots(recorded(tmp_path, many_exits(70), 20)).flows()
    assert figure.axes[0].images[0].get_array().shape[0] == MOST_STRIPS
    assert [text for text in said(figure) if f"Shown: the {MOST_STRIPS} busiest of 60." in text]


def test_all_plots_are_written_as_pngs(tmp_path):
    recording = recorded(tmp_path / "run", rooms())
    (tmp_path / "plots").mkdir()
    paths = write_plots(recording, measure(recording), tmp_path / "plots")
    assert [path.name for path in paths] == [
        f"{name}.png" for name in ("plan", "density", "exposure", "egress", "flows", "lines")
    ]
    assert all(path.read_bytes().startswith(PNG) for path in paths)
    assert sorted(paths) == sorted((tmp_path / "plots").iterdir())


def findings_of(tmp_path):
    """Return the figures of the findings of a crowd of 5.8 people/m2, judged by what it breaks."""
    made_up = {"source": "made up", "level_of_evidence": "assumption"}
    criteria = {"dense": {"quantity": "density", "limit_per_m2": 3.0, "over_time": "moment", **made_up}}
    people = [stander(3 + 0.41 * i, 3 + 0.41 * j, from_s=20.0) for i in range(10) for j in range(10)]
    recording = write_run(tmp_path, room(criteria=criteria), people, until_s=60.0)
    return recording, dict(Plots(recording).findings())


def test_the_map_of_a_finding_shows_everybody_at_its_place_and_names_what_is_around(tmp_path):
    recording, figures = findings_of(tmp_path)
    axes, key = figures["finding_1_map"].axes
    (people,) = [c for c in axes.collections if len(c.get_offsets()) == 100]
    assert np.sort(people.get_offsets()[:, 0])[[0, -1]] == pytest.approx([3.0, 6.69], abs=0.005)
    (image,) = axes.images
    peak = measure(recording).maps
    assert np.nanmax(image.get_array().filled(np.nan)) == pytest.approx(peak.density.value)
    words = said(figures["finding_1_map"])
    assert "out" in words
    assert [text for text in words if re.fullmatch(r"\d+ m", text)]  # the scale bar
    assert [text.get_text() for text in key.texts if len(text.get_text()) == 1 and text.get_text().isalpha()] == [
        *"ABCDEFFF"
    ]


def test_the_time_series_of_a_finding_shows_limit_and_shades_what_is_beyond(tmp_path):
    recording, figures = findings_of(tmp_path)
    (axes,) = figures["finding_1_series"].axes
    limit = [line for line in axes.lines if line.get_color() == LIMIT and set(line.get_ydata()) == {3.0}]
    assert len(limit) == 1
    assert "limit 3" in said(figures["finding_1_series"])
    shaded = [patch for patch in axes.patches if patch.get_hatch()]
    assert [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in shaded] == [(20.0, 60.0)]
    assert max(line.get_ydata().max() for line in axes.lines if len(line.get_ydata()) > 9) == pytest.approx(
        measure(recording).maps.density.value
    )


def test_without_doors_and_lines_there_is_no_picture_of_them(tmp_path):
    recording = recorded(tmp_path, room())
    assert Plots(recording).lines() is None
    assert [name for name, _ in Plots(recording).all()] == ["plan", "density", "exposure", "egress", "flows"]


def test_a_plan_is_drawn_without_a_run(tmp_path):
    draw_plan(rooms(), tmp_path / "plan.picture")
    assert (tmp_path / "plan.picture").read_bytes().startswith(PNG)


def test_a_venue_whose_exits_are_all_closed_has_its_pictures(tmp_path):
    scene = room(exits={"out": {"width_m": 2.0, "open": False}})
    recording = write_run(tmp_path, scene, [stander(5.0, 5.0)], until_s=10.0)
    words = said(Plots(recording).flows())
    assert "None are open." in words
    assert [text for text in words if "Closed: out." in text]
    assert "2.00 m, closed" in said(Plots(recording).plan())
