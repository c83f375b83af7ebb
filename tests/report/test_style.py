from itertools import combinations, pairwise

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

from crowdsim.report.density import EXPOSURE_COLOURS
from crowdsim.report.style import (
    DENSITY_CLASSES,
    DENSITY_COLOURS,
    DENSITY_STEPS_PER_M2,
    FLOOR,
    TEXT_PT,
    clock,
    density_colours,
    heading,
    shortened,
    text_width,
    time_axis,
    wrapped,
)
from report.venues import recorded, room

# Machado, Oliveira and Fernandes (2009), IEEE Trans. Vis. Comput. Graph. 15:1291: linear RGB as seen with
# complete colour blindness of each kind.
VISION = {
    "normal": np.eye(3),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE_XYZ = np.array([0.9505, 1.0, 1.089])
CLEARLY_DIFFERENT = 10.0  # a difference of 2.3 in CIELAB is just noticeable


def lab(colour, vision):
    """Return a colour in CIELAB (CIE 1976), seen with a kind of vision."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    t = TO_XYZ @ np.clip(VISION[vision] @ linear, 0, 1) / WHITE_XYZ
    f = np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("colours", [DENSITY_COLOURS, EXPOSURE_COLOURS], ids=["density", "exposure"])
def test_classes_get_darker_in_order(colours, vision):
    lightness = [lab(colour, vision)[0] for colour in (FLOOR, *colours)]
    assert all(darker < lighter for lighter, darker in pairwise(lightness))


@pytest.mark.parametrize("vision", VISION)
def test_density_classes_and_the_empty_floor_can_be_told_apart(vision):
    seen = [lab(colour, vision) for colour in (FLOOR, *DENSITY_COLOURS)]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > CLEARLY_DIFFERENT


def test_density_classes_begin_at_the_published_limits():
    # Fruin (1971) gives A to E as 35, 25, 15, 10 and 5 square feet a person; Still (2000) 4 and 5 /m2.
    square_foot = 0.3048**2
    fruin = [1 / (area * square_foot) for area in (35, 25, 15, 10, 5)]
    # 2.17 is the value in use; 5 square feet are 2.15 /m2
    assert DENSITY_STEPS_PER_M2[1:6] == pytest.approx(fruin, abs=0.021)
    assert DENSITY_STEPS_PER_M2[6:] == (4.0, 5.0)
    assert "".join(DENSITY_CLASSES) == "ABCDEFFF"


@pytest.mark.parametrize("k", range(8))
def test_a_density_has_the_colour_of_its_class_up_to_the_limit(k):
    colours, scale = density_colours()
    begins = DENSITY_STEPS_PER_M2[k]
    ends = [*DENSITY_STEPS_PER_M2, 1000.0][k + 1]
    for density in (begins, (begins + ends) / 2, ends - 1e-6):
        assert to_hex(colours(scale(density))) == DENSITY_COLOURS[k]


@pytest.mark.parametrize(
    ("time_s", "longest_s", "text"),
    [
        (0, 60, "0 s"),
        (480, 600, "480 s"),
        (480, 900, "8:00 min"),
        (3599.6, 7200, "60:00 min"),
        (7453, 16200, "2:04 h"),
        (86400, 90000, "24:00 h"),
    ],
)
def test_times_are_written_to_suit_the_run(time_s, longest_s, text):
    assert clock(time_s, longest_s) == text


@pytest.mark.parametrize("longest_s", [0.5, 20.0, 323.0, 600.0, 601.0, 3000.0, 7200.0, 16200.0, 86400.0, 604800.0])
def test_a_time_axis_has_a_few_ticks_at_round_times(longest_s):
    axes = Figure().add_subplot()
    time_axis(axes, longest_s)
    ticks = [t for t in axes.get_xticks() if 0 <= t <= max(longest_s, 1.0)]
    labels = [axes.xaxis.get_major_formatter()(t, 0) for t in ticks]
    assert 2 <= len(ticks) <= 11
    assert len(set(labels)) == len(labels)
    unit = 1 if longest_s <= 600 else 60
    assert all(t % unit == 0 for t in ticks)


def test_text_is_broken_and_cut_to_fit():
    text = "a title of several words and one ver" + "y" * 200 + "long one"
    lines = wrapped(text, 3.0, TEXT_PT).splitlines()
    assert len(lines) > 1
    assert all(text_width(line, TEXT_PT) <= 3.0 + 1e-6 for line in lines)
    assert " ".join(lines).startswith("a title of several words and one")
    assert shortened("short", 3.0, TEXT_PT) == "short"
    assert shortened("x" * 100, 1.0, TEXT_PT).endswith("…")


def test_titles_say_if_the_run_is_partial(tmp_path):
    partial = recorded(tmp_path / "a", room(), until_s=23.0, status="interrupted")
    assert heading("A hall", 9.0, partial) == "A hall\nPARTIAL RUN: interrupted at 23 s"
    assert heading("A hall", 9.0, recorded(tmp_path / "b", room())) == "A hall"
