"""What sweeps are drawn and analysed as: means, limits and shares of variance as computed by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from crowdsim.config.axes import Choices, Interval
from crowdsim.experiment.sweep import pictures
from crowdsim.experiment.sweep.design import make_points
from crowdsim.experiment.sweep.indices import sobol_indices
from crowdsim.report.responses import Bar, Quantity, heat_figure, tornado_figure

WIDTHS, PEOPLE = Choices("width", ("1", "2", "3"), (1, 2, 3)), Choices("people", ("10", "20"), (10, 20))


def rows_of(design, axes, time_of, seeds=(1, 2)):
    points = make_points(design, axes, None, 0)
    return [
        {"arm": point.number, "seed": seed, "status": "done", "egress_time_s": time_of(point.values) + seed,
         "criteria.egress_time.limit": 33.0, "verdict": "pass" if time_of(point.values) < 33 else "fail",
         **point.values}
        for point in points
        for seed in seeds
    ]  # fmt: skip


# ---------------------------------------------------------------- Sobol' indices
def test_indices_of_the_ishigami_function_are_those_of_its_integrals():
    """Ishigami and Homma 1990, with a = 7 and b = 0.1: the usual test of such estimates."""
    a, b = 7.0, 0.1
    variance = a**2 / 8 + b * math.pi**4 / 5 + b**2 * math.pi**8 / 18 + 0.5
    first = {"x": 0.5 * (1 + b * math.pi**4 / 5) ** 2 / variance, "y": a**2 / 8 / variance, "z": 0.0}
    together = b**2 * math.pi**8 * (1 / 18 - 1 / 50) / variance
    total = {"x": first["x"] + together, "y": first["y"], "z": together}
    axes = [Interval(key, -math.pi, math.pi, False) for key in "xyz"]
    points = make_points("saltelli", axes, 1024, 1)
    rows = [
        {"arm": p.number, "f": math.sin(p.values["x"]) + a * math.sin(p.values["y"]) ** 2
         + b * p.values["z"] ** 4 * math.sin(p.values["x"])}
        for p in points
    ]  # fmt: skip
    found = sobol_indices(axes, 1024, 1, rows, {p.number: p.overrides for p in points}, "f")
    for index in found:
        assert index.first == pytest.approx(first[index.key], abs=index.first_half)
        assert index.total == pytest.approx(total[index.key], abs=index.total_half)
        assert index.first_half < 0.1
        assert index.total_half < 0.1


def test_indices_are_not_told_of_a_design_that_is_not_complete_or_a_figure_that_never_varies():
    axes = [Interval("x", 0, 1, False)]
    points = make_points("saltelli", axes, 8, 1)
    overrides = {p.number: p.overrides for p in points}
    rows = [{"arm": p.number, "f": 1.0} for p in points]
    assert sobol_indices(axes, 8, 1, rows[1:], overrides, "f") == "1 of 24 points have no f"
    assert sobol_indices(axes, 8, 1, rows, overrides, "f") == "f is the same at every point"


@pytest.mark.parametrize("seed", [0, 1])
def test_indices_of_the_same_runs_are_the_same_each_time(seed):
    axes = [Interval("x", 0, 1, False), Interval("y", 0, 1, False)]
    points = make_points("saltelli", axes, 64, seed)
    overrides = {p.number: p.overrides for p in points}
    rows = [{"arm": p.number, "f": p.values["x"] + p.values["y"] ** 2} for p in points]
    once, again = (sobol_indices(axes, 64, seed, rows, overrides, "f") for _ in range(2))
    assert once == again


# ---------------------------------------------------------------- pictures
def test_a_response_has_the_means_their_intervals_and_the_limit():
    rows = rows_of("grid", [WIDTHS], lambda values: 60 / values["width"])
    figure = pictures._response("Hall", "width", ["width"], rows, ["egress_time_s"], "grid")
    times, passed = figure.axes
    (means,) = [line for line in times.lines if list(line.get_xdata()) == [1, 2, 3]]
    assert list(means.get_ydata()) == [61.5, 31.5, 21.5]
    assert any(list(line.get_ydata()) == [33.0, 33.0] for line in times.lines)
    (shares,) = [line for line in passed.lines if list(line.get_xdata()) == [1, 2, 3]]
    assert list(shares.get_ydata()) == [0.0, 100.0, 100.0]


def test_two_keys_are_a_map_of_means_marked_beyond_the_limit():
    rows = rows_of("grid", [WIDTHS, PEOPLE], lambda values: 3 * values["people"] / values["width"])
    figure = pictures._heat("Hall", ["width", "people"], rows, "egress_time_s")
    written = {text.get_text() for text in figure.axes[0].texts}
    assert written == {"31.5", "16.5", "11.5", "61.5 !", "21.5"}  # 31.5 stands twice
    (image,) = figure.axes[0].images
    assert np.asarray(image.get_array()).tolist() == [[31.5, 16.5, 11.5], [61.5, 31.5, 21.5]]


def test_shares_are_drawn_from_0_to_100_whatever_they_are():
    rows = rows_of("grid", [WIDTHS, PEOPLE], lambda values: 3 * values["people"] / values["width"])
    response = pictures._response("Hall", "width", ["width", "people"], rows, ["egress_time_s"], "grid")
    low, high = response.axes[1].get_ylim()
    assert (response.axes[1].get_yticks()[[0, -1]] == [0, 100]).all()
    assert -10 < low < 0
    assert 100 < high < 110
    heat = pictures._heat("Hall", ["width", "people"], rows, pictures.PASSED)
    assert heat.axes[0].images[0].get_clim() == (0, 100)


def test_a_tornado_has_the_key_that_moves_most_on_top():
    figure = tornado_figure("Hall", Quantity("time"), 30.0, [Bar("few", [("1", 29.0)]), Bar("much", [("2", 50.0)])])
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["few", "much"]


def test_a_map_with_a_single_value_or_a_gap_can_be_drawn():
    values = np.array([[2.0, np.nan]])
    figure = heat_figure("Hall", ("a", "b"), (["1", "2"], ["3"]), Quantity("time"), values)
    assert [text.get_text() for text in figure.axes[0].texts] == ["2"]


@pytest.mark.parametrize(
    ("design", "keys", "names"),
    [
        ("grid", [WIDTHS], ["response_width"]),
        ("grid", [WIDTHS, PEOPLE], ["heatmap_egress_time_s", "heatmap_passed"]),
        ("one_at_a_time", [WIDTHS, PEOPLE], ["tornado_egress_time_s"]),
        ("grid", [], []),
    ],
)
def test_every_design_has_its_pictures(tmp_path, design, keys, names):
    rows = rows_of(design, keys, lambda values: 30.0 + (values.get("width") or 2))
    keyed = [axis.key for axis in keys]
    figures = ("egress_time_s", "density.max_per_m2")
    assert pictures.draw("Hall", design, keyed, rows, figures, {}, tmp_path / "plots") == [f"{n}.png" for n in names]
    assert all((tmp_path / "plots" / f"{name}.png").is_file() for name in names)


def test_of_a_sweep_whose_runs_were_stopped_only_the_share_that_passes_is_drawn(tmp_path):
    rows = rows_of("grid", [WIDTHS, PEOPLE], lambda values: 3 * values["people"] / values["width"])
    whole = pictures.draw("Hall", "grid", ["width", "people"], rows, ["egress_time_s"], {}, tmp_path)
    assert whole == ["heatmap_egress_time_s.png", "heatmap_passed.png"]
    late = [row | {"egress_time_s": None, "stopped_s": 33.05} if row["verdict"] == "fail" else row for row in rows]
    assert late != rows
    drawn = pictures.draw("Hall", "grid", ["width", "people"], late, ["egress_time_s"], {}, tmp_path)
    assert drawn == ["heatmap_passed.png"]
    assert pictures.draw("Hall", "sobol", ["width", "people"], late, ["egress_time_s"], {}, tmp_path) == []
