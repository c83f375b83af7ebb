"""The map of walking distances to the nearest exit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from crowdsim.navigation import Navigation, build_navigation
from crowdsim.navigation.fields import read_field
from crowdsim.report.ground import area_patch, map_page
from crowdsim.report.style import DISTANCE_COLOURS, DPI, INK, SMALL_PT, TEXT_PT, WALL
from crowdsim.scenario.bodies import clearance, used_profiles
from crowdsim.scenario.feature import Scenario
from crowdsim.venue import Sheet, Venue, build_venue
from crowdsim.venue.sheets import moved

Float64 = NDArray[np.float64]

CLASSES = 8
"""Classes of distance."""

ROUND_M = (1.0, 2.0, 2.5, 5.0, 10.0, 20.0, 25.0, 50.0, 100.0, 200.0, 250.0, 500.0)
"""Widths of a class."""

PANEL_IN = (2.35, 3.6)
"""Width and height of the panel beside the map."""

ROW_IN = 0.27


def draw_distances(scenario: Scenario, path: Path) -> None:
    """Draw the map of walking distances to the nearest exit and write it as a PNG file."""
    distance_figure(scenario).savefig(path, dpi=DPI, format="png")


def distance_figure(scenario: Scenario) -> Figure:
    """Return the map of walking distances to the nearest open exit, stairs counted for as long as they take."""
    venue, unfolded = build_venue(scenario), build_venue(scenario, unfolded=True)
    profiles = [scenario.config.profiles[name] for name in used_profiles(scenario)]
    exits = tuple(unfolded.open_exits)
    navigation = build_navigation(
        unfolded, exits, clearance(scenario), 0.0, scenario.config.grid_step_m, scenario.config.threads, profiles
    )
    indices = navigation.indices(exits)
    nearest = np.min([read_field(navigation.fields, goal)[0] for goal in indices], axis=0)
    reached = nearest[np.isfinite(nearest)]
    farthest = float(reached.max()) if reached.size else 0.0
    width = next((step for step in ROUND_M if CLASSES * step >= farthest), ROUND_M[-1])
    note = f"Farthest: {farthest:.0f} m. Shortest ways; a metre on stairs counts for as many as it takes the time of."
    page = map_page(venue, f"{scenario.config.title}: walking distance to the nearest exit", note, panel_in=PANEL_IN)
    steps = width * np.arange(CLASSES + 1)
    scale = BoundaryNorm([*steps[:-1], max(float(steps[-1]), farthest + 1)], CLASSES)
    view = page.map.get_xlim(), page.map.get_ylim()
    for sheet in unfolded.sheets:
        _paint(page.map, navigation, nearest, sheet, venue, scale)
    page.map.set_xlim(view[0])
    page.map.set_ylim(view[1])
    page.panel.text(0.0, 0.1, "Walking distance", va="center", fontsize=TEXT_PT, fontweight="bold", color=INK)
    for k, colour in enumerate(DISTANCE_COLOURS):
        y = 0.45 + k * ROW_IN
        page.panel.fill([0, 0.34, 0.34, 0], [y - 0.13, y - 0.13, y + 0.13, y + 0.13], fc=colour, ec="white")
        page.panel.text(0.42, y, f"{steps[k]:g} to {steps[k + 1]:g} m", va="center", fontsize=TEXT_PT, color=INK)
    page.panel.text(0.0, 0.55 + CLASSES * ROW_IN, "white: no way to an exit", fontsize=SMALL_PT, color=WALL)
    return page.figure


def _paint(
    axes: Axes, navigation: Navigation, nearest: Float64, sheet: Sheet, venue: Venue, scale: BoundaryNorm
) -> None:
    """Colour a sheet of the unfolded venue, where it is on the map."""
    there = venue.sheets[sheet.level].shift
    way = (there[0] - sheet.shift[0], there[1] - sheet.shift[1])
    grid = navigation.grid
    window, _ = grid.free_inside(sheet.area, margin=1)
    rows, columns = window
    step = grid.step_m
    left = grid.origin_x_m + (columns.start - 0.5) * step + way[0]
    bottom = grid.origin_y_m + (rows.start - 0.5) * step + way[1]
    values = nearest[window]
    values = np.where(np.isfinite(values), np.maximum(values, 0.0), np.nan)
    extent = (left, left + values.shape[1] * step, bottom, bottom + values.shape[0] * step)
    image = axes.imshow(
        values, origin="lower", extent=extent, interpolation="nearest", aspect="auto", zorder=3,
        cmap=ListedColormap(DISTANCE_COLOURS), norm=scale,
    )  # fmt: skip
    image.set_clip_path(area_patch(moved(sheet.area, way), transform=axes.transData))
