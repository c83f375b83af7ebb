"""Maps of density and of exposure to dangerous density, over the venue's plan."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, Colormap, ListedColormap, to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from crowdsim.measure import CrowdMaps
from crowdsim.measure.maps import MAPPED_LEVEL_PER_M2
from crowdsim.record.recording import Recording
from crowdsim.report.ground import Page, area_patch, map_page
from crowdsim.report.style import (
    DENSITY_CLASSES,
    DENSITY_COLOURS,
    DENSITY_STEPS_PER_M2,
    INK,
    MOVING_LIMIT_PER_M2,
    SMALL_PT,
    STANDING_LIMIT_PER_M2,
    TEXT_PT,
    WALL,
    clock,
    density_colours,
)
from crowdsim.venue import Venue

EMPTY_PER_M2 = 0.02
"""Cells whose density never exceeded this stay uncoloured: nobody was near."""

ROW_IN = 0.27
"""Height of a class in the legend."""

RING_IN = 3.45
"""Where in the panel it says what the ring on the map marks, from the top."""

LEGEND_IN = (2.35, 4.3)
"""Width and height of the panel beside the maps."""

EXPOSURE_STEPS = (0.0, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
"""Where each class of exposure begins [person-seconds/m2]: the same for all runs, to compare them (our choice)."""

EXPOSURE_COLOURS = [to_hex(colormaps["inferno_r"](share)) for share in np.linspace(0.08, 0.97, len(EXPOSURE_STEPS))]


def density_figure(recording: Recording, maps: CrowdMaps) -> Figure:
    """Return the map of the highest density at each place over the run, in level-of-service colours."""
    sd_m = recording.scenario.config.measure.smoothing_m
    alone = 1 / (2 * np.pi * sd_m**2)
    page = map_page(
        recording.venue,
        f"{recording.scenario.config.title}: highest density at each place",
        f"Each person is spread by a Gaussian of standard deviation {sd_m:g} m: "
        f"one alone reads up to {alone:.2f} people/m².",
        panel_in=LEGEND_IN,
        recording=recording,
    )
    colours, scale = density_colours()
    peak = maps.peak_density_per_m2
    shown = np.where(maps.walkable & (peak > EMPTY_PER_M2), peak, np.nan)
    _paint(page.map, recording.venue, maps, shown, cmap=colours, norm=scale)
    _write(page.panel, 0.1, "Level of service, walkways", bold=True)
    _write(page.panel, 0.3, "(Fruin 1971) [people/m²]")
    rows = _draw_classes(page.panel, 0.5, DENSITY_COLOURS, DENSITY_STEPS_PER_M2)
    for y, letter, begins in zip(rows, DENSITY_CLASSES, DENSITY_STEPS_PER_M2, strict=True):
        page.panel.text(0.17, y, letter, ha="center", va="center", fontsize=SMALL_PT, fontweight="bold",
                        color="white" if begins >= DENSITY_STEPS_PER_M2[4] else INK)  # fmt: skip
    for y, limit, crowd in ((2.85, MOVING_LIMIT_PER_M2, "moving"), (3.03, STANDING_LIMIT_PER_M2, "standing")):
        text = f"{limit:g}: limit for {crowd} crowds (Still)"
        page.panel.text(0.0, y, text, va="center", fontsize=SMALL_PT, color=WALL)
    if maps.density:
        highest = maps.density
        _ring(page, highest.x, highest.y, f"highest: {highest.value:.1f} people/m²")
        _write(page.panel, RING_IN + 0.2, f"after {clock(highest.time_s, recording.simulated_s)}", left=0.42)
    else:
        _write(page.panel, RING_IN, "Nobody entered.", bold=True)
    return page.figure


def exposure_figure(recording: Recording, maps: CrowdMaps) -> Figure:
    """Return the map of time spent above `MAPPED_LEVEL_PER_M2`: person-seconds on each m² of floor."""
    total = float(maps.exposure_person_s.sum())
    level = f"{MAPPED_LEVEL_PER_M2:g} people/m²"
    page = map_page(
        recording.venue,
        f"{recording.scenario.config.title}: exposure above {level}",
        f"Time spent at a density above {level}, the limit for moving crowds, summed over everyone: "
        f"{total:,.0f} person-seconds in all.",
        panel_in=LEGEND_IN,
        recording=recording,
    )
    if not total:
        _write(page.panel, 0.1, f"Nobody was ever above\n{level}.", bold=True)
        return page.figure
    per_m2 = np.where(maps.exposure_person_s > 0, maps.exposure_person_s / maps.cell_m**2, np.nan)
    scale = BoundaryNorm([*EXPOSURE_STEPS, np.finfo(float).max], len(EXPOSURE_COLOURS))
    _paint(page.map, recording.venue, maps, per_m2, cmap=ListedColormap(EXPOSURE_COLOURS), norm=scale)
    _write(page.panel, 0.1, "Person-seconds", bold=True)
    _write(page.panel, 0.3, "on each m² of floor")
    _draw_classes(page.panel, 0.5, EXPOSURE_COLOURS, EXPOSURE_STEPS)
    row, column = np.unravel_index(np.nanargmax(per_m2), per_m2.shape)
    _ring(page, float(maps.x_m[column]), float(maps.y_m[row]), f"most: {np.nanmax(per_m2):,.0f} person-s/m²")
    return page.figure


def _paint(
    axes: Axes, venue: Venue, maps: CrowdMaps, values: NDArray[np.float64], *, cmap: Colormap, norm: BoundaryNorm
) -> None:
    """Colour the cells, cut off at the walls."""
    half = maps.cell_m / 2
    extent = (maps.x_m[0] - half, maps.x_m[-1] + half, maps.y_m[0] - half, maps.y_m[-1] + half)
    view = axes.get_xlim(), axes.get_ylim()
    image = axes.imshow(
        values, origin="lower", extent=extent, interpolation="nearest", aspect="auto", zorder=3, cmap=cmap, norm=norm
    )
    image.set_clip_path(area_patch(venue.walkable, transform=axes.transData))
    axes.set_xlim(view[0])
    axes.set_ylim(view[1])


def _draw_classes(panel: Axes, top: float, colours: Sequence[str], steps: Sequence[float]) -> list[float]:
    """Draw a ladder of colours with their ranges, the highest on top; return the rows' heights, lowest first."""
    between = [f"{low:,g} to {high:,g}" for low, high in pairwise(steps[1:])]
    texts = [f"below {steps[1]:,g}", *between, f"above {steps[-1]:,g}"]
    heights = [top + (len(texts) - k - 0.5) * ROW_IN for k in range(len(texts))]
    for y, colour, text in zip(heights, colours, texts, strict=True):
        panel.add_patch(Rectangle((0, y - ROW_IN / 2), 0.34, ROW_IN, fc=colour, ec="white", lw=0.8))
        panel.text(0.42, y, text, va="center", fontsize=TEXT_PT, color=INK)
    return heights


def _ring(page: Page, x: float, y: float, text: str) -> None:
    """Ring a place on the map and say in the panel what is there."""
    style: dict[str, Any] = {"marker": "o", "ms": 15, "mfc": "none"}
    page.map.plot(x, y, mec="white", mew=4.5, zorder=7, **style)
    page.map.plot(x, y, mec=INK, mew=1.8, zorder=8, **style)
    page.panel.plot(0.17, RING_IN, mec=INK, mew=1.8, **style)
    _write(page.panel, RING_IN, text, left=0.42)


def _write(panel: Axes, y: float, text: str, *, left: float = 0.0, bold: bool = False) -> None:
    panel.text(
        left, y, text, va="center" if "\n" not in text else "top", fontsize=TEXT_PT, color=INK,
        fontweight="bold" if bold else "normal",
    )  # fmt: skip
