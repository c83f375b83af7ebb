"""The picture that people move on: the venue's plan, drawn once, with the people, the clock and the key."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from crowdsim.kernels.maps import spread_people
from crowdsim.measure.grid import DensityGrid, grid_of
from crowdsim.record.recording import Frame, Recording
from crowdsim.report.colourings import COLOURINGS, GROUP, SPEED, group_colours
from crowdsim.report.ground import map_page
from crowdsim.report.style import DPI, INK, SMALL_PT, TEXT_PT, TITLE_PT, plain, shortened, wrapped
from crowdsim.report.words import clock

PANEL_IN = (2.35, 3.6)
"""Width and height of the panel beside the map."""

BODY_M = 0.2
"""Radius of the people drawn: the standard profile's."""

LEAST_PT = 2.4
"""Diameter of the smallest discs that can be told apart."""

ROW_IN = 0.25

MOST_GROUPS = 10
"""As many groups are in the key."""


class Stage:
    """Draws one moment after another; what does not move is drawn once.

    Attributes
    ----------
    size_px : width and height of the pictures.
    """

    def __init__(self, recording: Recording, colour: str) -> None:
        config = recording.scenario.config
        groups = recording.attendees["group"].combine_chunks().dictionary_encode()
        self._group = groups.indices.to_numpy()
        self._way = COLOURINGS.get(colour, SPEED)
        self._by_group = colour == GROUP
        names = groups.dictionary.to_pylist()
        colours = group_colours(names) if self._by_group else self._way.colours
        self._colours = np.array(colours)
        self._grid = (
            grid_of(recording.venue.walkable, config.measure.cell_m, config.measure.smoothing_m)
            if colour in ("density", "service")
            else None
        )
        page = map_page(recording.venue, config.title, config.description, panel_in=PANEL_IN, recording=recording)
        self._canvas = FigureCanvasAgg(page.figure)
        page.figure.set_dpi(DPI)
        title, key = ("Group", names) if self._by_group else (self._way.title, self._way.key)
        _draw_key(page.panel, title, key, colours)
        diameter = max(2 * BODY_M * page.points_per_m, LEAST_PT)
        self._people: PathCollection = page.map.scatter([], [], s=diameter**2, lw=0.25, ec=INK, zorder=6.5)
        self._clock = page.panel.text(0.0, 0.15, "", va="center", fontsize=TITLE_PT, fontweight="bold", color=INK)
        self._count = page.panel.text(0.0, 0.45, "", va="center", fontsize=TEXT_PT, color=INK)
        self._map, self._panel = page.map, page.panel
        moving = (self._people, self._clock, self._count)
        for artist in moving:
            artist.set_animated(True)
        self._canvas.draw()  # type: ignore[no-untyped-call]
        self._still = self._canvas.copy_from_bbox(page.figure.bbox)  # type: ignore[no-untyped-call]
        self.size_px = self._canvas.get_width_height()

    def draw(self, frame: Frame) -> NDArray[np.uint8]:
        """Return the picture of a moment, (height, width, 4); valid until the next one is drawn."""
        self._canvas.restore_region(self._still)  # type: ignore[no-untyped-call]
        self._people.set_offsets(np.column_stack([frame.x, frame.y]))
        self._people.set_facecolor(self._colours[self._classes(frame)].tolist())
        self._clock.set_text(clock(frame.time_s))
        self._count.set_text(f"{frame.id.size:,} inside")
        self._map.draw_artist(self._people)
        self._panel.draw_artist(self._clock)
        self._panel.draw_artist(self._count)
        return np.asarray(self._canvas.buffer_rgba())  # type: ignore[no-untyped-call]

    def _classes(self, frame: Frame) -> NDArray[np.int64]:
        if self._by_group:
            return np.asarray(self._group[frame.id] % self._colours.size, np.int64)
        return self._way.pick(frame.speed if self._grid is None else self._density(self._grid, frame))

    @staticmethod
    def _density(grid: DensityGrid, frame: Frame) -> NDArray[np.float64]:
        """Return the density in the cell of each person [1/m2], as the run is measured."""
        sums, touched = np.zeros((grid.cover.size, 1)), np.empty(grid.cover.size, np.int64)
        weight = np.ones((frame.id.size, 1))
        spread_people(frame.x, frame.y, weight, grid.origin, grid.cell_m, grid.sd_m, grid.shape[1], sums, touched)
        cells = grid.cells_of(frame.x, frame.y)
        return np.asarray(sums[cells, 0] / grid.cover.ravel()[cells], np.float64)


def _draw_key(panel: Axes, title: str, texts: Sequence[str], colours: Sequence[str]) -> None:
    """Draw what the colours mean, below the clock."""
    room, indent = PANEL_IN[0], 0.34
    lines = wrapped(title, room, SMALL_PT, "bold").splitlines()
    for k, line in enumerate(lines):
        y = 0.95 + 0.7 * ROW_IN * k
        panel.text(0.0, y, plain(line), va="center", fontsize=SMALL_PT, fontweight="bold", color=INK)
    for k, (text, colour) in enumerate(zip(texts[:MOST_GROUPS], colours, strict=False)):
        y = 0.95 + 0.7 * ROW_IN * (len(lines) - 1) + ROW_IN * (k + 1)
        panel.add_patch(Rectangle((0, y - 0.08), 0.24, 0.16, fc=colour, ec=INK, lw=0.5))
        panel.text(
            indent, y, plain(shortened(text, room - indent, SMALL_PT)), va="center", fontsize=SMALL_PT, color=INK
        )
