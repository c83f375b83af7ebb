"""Every figure of every kind of venue: legible, nothing cut off, nothing written over something else."""

from itertools import combinations

import pytest
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Text
from measure.runs import Person, write_run

from crowdsim.measure import measure
from crowdsim.report.plots import Plots
from crowdsim.report.style import SMALL_PT, WIDTH_IN
from report.venues import SCENES, crowded, leaving, recorded, room, rooms

FIGURES = ("plan", "density", "exposure", "egress", "flows", "lines")


def texts(figure: Figure) -> list[Text]:
    """Return the texts that are drawn: tick labels only if their ticks are on the axis."""
    hidden = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            hidden |= set(off_axis(axis)) if axes.axison else set(axis.findobj(Text))
    return [t for t in figure.findobj(Text) if t.get_text().strip() and t.get_visible() and t not in hidden]


def off_axis(axis: Axis) -> list[Text]:
    low, high = sorted(axis.get_view_interval())
    slack = 1e-6 * (high - low)
    found = []
    for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
        if not low - slack <= tick.get_loc() <= high + slack:
            found += [tick.label1, tick.label2]
        else:
            found += [label for label in (tick.label1, tick.label2) if not label.get_visible()]
    return found


def check_layout(figure: Figure) -> None:
    figure.draw_without_rendering()
    page = figure.bbox
    shown = texts(figure)
    assert shown
    boxes = []
    for text in shown:
        assert text.get_fontsize() >= SMALL_PT, text.get_text()
        box = text.get_window_extent()
        boxes.append((text.get_text(), box))
        slack = 2.0  # pixels
        assert box.x0 >= -slack, text.get_text()
        assert box.y0 >= -slack, text.get_text()
        assert box.x1 <= page.x1 + slack, text.get_text()
        assert box.y1 <= page.y1 + slack, text.get_text()
    for (one, a), (other, b) in combinations(boxes, 2):
        wide = min(a.x1, b.x1) - max(a.x0, b.x0)
        high = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert wide <= 2.0 or high <= 4.0, f"{one!r} and {other!r} overlap"  # extents include descenders


@pytest.fixture(scope="module", params=SCENES)
def plots(request, tmp_path_factory):
    return Plots(recorded(tmp_path_factory.mktemp("run"), SCENES[request.param]()))


@pytest.mark.parametrize("name", FIGURES)
def test_texts_are_legible_whole_and_apart(plots, name):
    figure = getattr(plots, name)()
    if figure is None:
        assert name == "lines"
    else:
        assert figure.get_size_inches()[0] <= WIDTH_IN + 1e-6
        check_layout(figure)


@pytest.mark.parametrize("name", FIGURES[:-1])
@pytest.mark.parametrize("case", ["nobody", "one", "crowded", "interrupted", "an hour", "a day"])
def test_runs_with_little_or_much_in_them_have_every_figure(tmp_path, case, name):
    match case:
        case "nobody":
            recording = write_run(tmp_path, room(), [Person(due_s=500.0)], until_s=60.0)
        case "one":
            recording = write_run(tmp_path, room(), leaving(room(), 1), until_s=20.5)
        case "crowded":
            recording = crowded(tmp_path)
        case "interrupted":
            recording = recorded(tmp_path, rooms(), until_s=23.0, status="interrupted")
        case "an hour":
            recording = recorded(tmp_path, room(output={"sample_interval_s": 10.0}), until_s=3600.0)
        case "a day":
            recording = recorded(tmp_path, room(output={"sample_interval_s": 60.0}), 3, until_s=86400.0)
    figure = getattr(Plots(recording), name)()
    check_layout(figure)
    partial = any("PARTIAL RUN: interrupted at 23 s" in text.get_text() for text in texts(figure))
    assert partial == (case == "interrupted")


def test_a_run_is_measured_once_and_only_when_needed(tmp_path, monkeypatch):
    recording = recorded(tmp_path, room())
    measured = []
    monkeypatch.setattr("crowdsim.report.plots.measure", lambda r: measured.append(r) or measure(r))
    plots = Plots(recording)
    plots.plan()
    assert measured == []
    plots.density()
    plots.egress()
    assert measured == [recording]
