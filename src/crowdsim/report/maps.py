"""Maps of density and exposure over the venue plan."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Patch
from numpy.typing import NDArray

from crowdsim.measure import CrowdMaps
from crowdsim.measure.maps import MAPPED_LEVEL_PER_M2
from crowdsim.record.recording import Recording
from crowdsim.report.style import LOS_COLOURS, WALL, draw_floor, los_colours, los_labels, map_figure, title

EMPTY_PER_M2 = 0.02
"""Cells whose density never exceeded this stay uncoloured: nobody was near."""


def density_figure(recording: Recording, maps: CrowdMaps) -> Figure:
    """Return the map of the highest density at each place over the run, in level-of-service colours."""
    figure, axes = map_figure(recording.venue)
    colours, limits = los_colours()
    shown = np.where(maps.walkable & (maps.peak_density_per_m2 > EMPTY_PER_M2), maps.peak_density_per_m2, np.nan)
    _paint(axes, maps, shown, cmap=colours, norm=limits)
    draw_floor(axes, recording.venue, fill=False)
    if maps.density:
        peak = maps.density
        axes.plot(peak.x, peak.y, marker="+", ms=16, mew=2.5, color="white", zorder=7)
        axes.plot(peak.x, peak.y, marker="+", ms=13, mew=1.2, color="black", zorder=8)
    handles = [
        Patch(facecolor=colour, edgecolor="#888888", label=label)
        for colour, label in zip(LOS_COLOURS, los_labels(), strict=True)
    ]
    highest = f"\n+  highest: {maps.density.value:.1f} /m2\n    at {maps.density.time_s:g} s" if maps.density else ""
    axes.legend(
        handles=handles[::-1],
        title="Level of service\n(walkways, Fruin 1971)\npeople/m2",
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
        frameon=False,
        fontsize=10.5,
        title_fontsize=10.5,
        prop={"family": "DejaVu Sans Mono", "size": 10},
        alignment="left",
    )
    if highest:
        axes.text(1.01, 0.02, highest.strip(), transform=axes.transAxes, fontsize=10.5, va="bottom", color=WALL)
    title(axes, f"{recording.scenario.config.title}: highest density over time", recording)
    return figure


def exposure_figure(recording: Recording, maps: CrowdMaps) -> Figure:
    """Return the map of person-seconds per m2 spent above the density that is dangerous for moving crowds."""
    figure, axes = map_figure(recording.venue)
    per_m2 = maps.exposure_person_s / maps.cell_m**2
    total = float(maps.exposure_person_s.sum())
    if total > 0:
        shown = np.where(maps.walkable & (per_m2 > 0), per_m2, np.nan)
        top = float(np.nanmax(shown))
        image = _paint(axes, maps, shown, cmap="magma_r", norm=LogNorm(max(top / 1000, 0.1), max(top, 1.0)))
        bar = figure.colorbar(image, ax=axes, shrink=0.7, pad=0.02)
        bar.set_label(f"person-seconds per m2 above {MAPPED_LEVEL_PER_M2:g} people/m2", fontsize=11)
    else:
        axes.text(
            0.5,
            0.5,
            f"nobody was ever above {MAPPED_LEVEL_PER_M2:g} people/m2",
            transform=axes.transAxes,
            ha="center",
            va="center",
            fontsize=13,
            color=WALL,
            zorder=9,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8},
        )
    draw_floor(axes, recording.venue, fill=False)
    title(axes, f"{recording.scenario.config.title}: exposure, {total:,.0f} person-seconds", recording)
    return figure


def _paint(axes: Axes, maps: CrowdMaps, values: NDArray[np.float64], **style: object) -> AxesImage:
    half = maps.cell_m / 2
    extent = (maps.x_m[0] - half, maps.x_m[-1] + half, maps.y_m[0] - half, maps.y_m[-1] + half)
    limits = axes.get_xlim(), axes.get_ylim()
    image = axes.imshow(values, origin="lower", extent=extent, interpolation="nearest", zorder=3, **style)  # type: ignore[arg-type]
    axes.set_xlim(limits[0])
    axes.set_ylim(limits[1])
    return image
