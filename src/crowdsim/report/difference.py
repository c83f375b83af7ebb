"""Maps of what differs between two runs: highest density, and exposure, cell by cell."""

from __future__ import annotations

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from crowdsim.measure import CrowdMaps
from crowdsim.measure.maps import MAPPED_LEVEL_PER_M2, MapMeter
from crowdsim.measure.moments import GridMoments
from crowdsim.measure.steps import walk
from crowdsim.record.recording import Recording
from crowdsim.report.ground import area_patch, map_page
from crowdsim.report.style import INK, SMALL_PT, TEXT_PT, WALL

DENSITY_STEPS_PER_M2 = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Where the classes of differences in density begin [1/m2]: each twice the one before (our choice)."""

EXPOSURE_STEPS = (1.0, 10.0, 30.0, 100.0, 300.0)
"""The same of differences in exposure [person-seconds/m2]."""

PANEL_IN = (2.35, 3.9)
ROW_IN = 0.27
"""Size of the panel beside the map, and height of a class in it."""


def maps_of(recording: Recording) -> CrowdMaps:
    """Return the maps of a run, and nothing else, in one pass over its recording."""
    config = recording.scenario.config.measure
    moments = GridMoments(recording, config.cell_m, config.smoothing_m)
    meter = MapMeter(moments.grid, (MAPPED_LEVEL_PER_M2,))
    for step in walk(recording):
        if step.frame.id.size:
            meter.take(moments.at(step))
    return meter.result()


def unlike(first: CrowdMaps, second: CrowdMaps) -> str:
    """Return why two maps cannot be taken from each other; empty if they can."""
    if first.cell_m != second.cell_m:
        return f"cells of {first.cell_m:g} m and {second.cell_m:g} m"
    if first.peak_density_per_m2.shape != second.peak_density_per_m2.shape:
        return "the venues have not the same extent"
    if not (np.allclose(first.x_m, second.x_m) and np.allclose(first.y_m, second.y_m)):
        return "the venues do not lie at the same place"
    return ""


def density_difference(recording: Recording, maps: tuple[CrowdMaps, CrowdMaps], names: tuple[str, str]) -> Figure:
    """Return the map of the second run's highest density less the first one's, on the first one's venue."""
    change = maps[1].peak_density_per_m2 - maps[0].peak_density_per_m2
    return _figure(recording, maps, names, change, DENSITY_STEPS_PER_M2, "highest density", "people/m²")


def exposure_difference(recording: Recording, maps: tuple[CrowdMaps, CrowdMaps], names: tuple[str, str]) -> Figure:
    """Return the map of the second run's exposure above `MAPPED_LEVEL_PER_M2` less the first one's."""
    change = (maps[1].exposure_person_s - maps[0].exposure_person_s) / maps[0].cell_m ** 2
    what = f"exposure above {MAPPED_LEVEL_PER_M2:g} people/m²"
    return _figure(recording, maps, names, change, EXPOSURE_STEPS, what, "person-s/m²")


def _figure(
    recording: Recording,
    maps: tuple[CrowdMaps, CrowdMaps],
    names: tuple[str, str],
    change: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    steps: tuple[float, ...],
    what: str,
    unit: str,
) -> Figure:
    page = map_page(
        recording.venue,
        f"Change of {what}: {names[1]} less {names[0]}",
        f"Blue: less in {names[1]}; red: more; white: by less than {steps[0]:g} {unit}. From one run of each.",
        panel_in=PANEL_IN,
    )
    bounds = [-np.finfo(float).max, *(-s for s in reversed(steps[1:])), -steps[0], *steps, np.finfo(float).max]
    colours = [*colormaps["RdBu_r"](np.linspace(0.03, 0.42, len(steps))), (1, 1, 1, 1)]
    colours += [*colormaps["RdBu_r"](np.linspace(0.58, 0.97, len(steps)))]
    first = maps[0]
    shown = np.where(first.walkable | maps[1].walkable, change, np.nan)
    half = first.cell_m / 2
    extent = (first.x_m[0] - half, first.x_m[-1] + half, first.y_m[0] - half, first.y_m[-1] + half)
    view = page.map.get_xlim(), page.map.get_ylim()
    image = page.map.imshow(
        shown, origin="lower", extent=extent, interpolation="nearest", aspect="auto", zorder=3,
        cmap=ListedColormap(colours), norm=BoundaryNorm(bounds, len(colours)),
    )  # fmt: skip
    image.set_clip_path(area_patch(recording.venue.walkable, transform=page.map.transData))
    page.map.set_xlim(view[0])
    page.map.set_ylim(view[1])
    page.panel.text(0, 0.1, f"Change [{unit}]", va="center", fontsize=TEXT_PT, fontweight="bold", color=INK)
    ends = [f"{steps[k]:g} to {steps[k + 1]:g}" for k in range(len(steps) - 1)] + [f"above {steps[-1]:g}"]
    rows = [f"+ {text}" for text in reversed(ends)] + [f"within {steps[0]:g}"] + [f"\u2212 {text}" for text in ends]
    for k, (text, colour) in enumerate(zip(rows, reversed(colours), strict=True)):
        y = 0.45 + k * ROW_IN
        page.panel.add_patch(Rectangle((0, y - ROW_IN / 2), 0.34, ROW_IN, fc=colour, ec=WALL, lw=0.4))
        page.panel.text(0.42, y, text, va="center", fontsize=SMALL_PT, color=INK)
    return page.figure
