"""Colours, text sizes and wording that all pictures share."""

from __future__ import annotations

from typing import Literal

from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.textpath import TextToPath
from matplotlib.ticker import FuncFormatter, MultipleLocator

from crowdsim.record.layout import COMPLETE
from crowdsim.record.recording import Recording

DPI = 150

WIDTH_IN = 10.0
"""Width of a picture [inches], unless its content is narrower."""

TITLE_PT, TEXT_PT, SMALL_PT = 13.0, 10.0, 9.0
"""Text sizes; at half size the smallest is still that of a footnote."""

INK, WALL, FAINT = "#26292e", "#3b4048", "#dcdcdc"
OUTSIDE, FLOOR = "#ebebe8", "#ffffff"
OBSTACLE, HATCH = "#d3d5d9", "#8b9098"
LINK, LINK_LINE = "#f6ead2", "#8a6d3b"
OPEN, CLOSED = "#1b7a5a", "#c2410c"
ENTRANCE, ZONE, MEASURED = "#1d4ed8", "#3d6f8e", "#7c3aed"
LIMIT = "#b91c1c"
NECK = "#be185d"
QUEUE, COUNTER = "#b45309", "#78350f"
STEWARD = "#0891b2"
FLOW = "#3489bd"
ENTERED, INSIDE, EXITED = "#4477aa", "#aa7700", "#117744"

LOS_LIMITS_PER_M2 = (0.31, 0.43, 0.72, 1.08, 2.17)
"""Upper limits of the levels of service A to E for walkways (Fruin 1971, from 35, 25, 15, 10 and 5 square feet
a person); F is beyond."""

MOVING_LIMIT_PER_M2, STANDING_LIMIT_PER_M2 = 4.0, 5.0
"""Limits for moving and for standing crowds (Still 2000, Crowd Dynamics), which divide level F: at events that
is where it matters."""

DENSITY_STEPS_PER_M2 = (0.0, *LOS_LIMITS_PER_M2, MOVING_LIMIT_PER_M2, STANDING_LIMIT_PER_M2)
"""Where each density class begins."""

DENSITY_CLASSES = ("A", "B", "C", "D", "E", "F", "F", "F")
"""The level of service of each density class."""

DENSITY_COLOURS = (
    "#fcf5a6", "#cfe080", "#86c690", "#4aabab", "#3489bd", "#3763b0", "#8c0f1a", "#200106",
)  # fmt: skip
"""Light to dark, so that the order survives printing in grey and every kind of colour blindness; the two
classes above Still's limits leave the blue for red and near black."""


DISTANCE_COLOURS = (
    "#edf8c9", "#c8e9b4", "#8fd3b9", "#52bcc2", "#2f99c0", "#2673b0", "#254b9a", "#1c2a6b",
)  # fmt: skip
"""Light to dark with the distance."""


def density_colours() -> tuple[ListedColormap, BoundaryNorm]:
    """Return the colours of the density classes and the scale [1/m2] that picks among them."""
    beyond = 2 * DENSITY_STEPS_PER_M2[-1]
    return ListedColormap(DENSITY_COLOURS), BoundaryNorm([*DENSITY_STEPS_PER_M2, beyond], len(DENSITY_COLOURS))


def plain(text: str) -> str:
    """Return text that matplotlib shows as it is: dollar signs would begin a formula."""
    return text.replace("$", r"\$")


POINTS_PER_IN = 72.0

HINTING = 1.03
"""How much wider than its outlines text can be once letters are fitted to the pixels of `DPI` (measured)."""


def text_width(text: str, size_pt: float, weight: Literal["normal", "bold"] = "normal") -> float:
    """Return the width of a line of text [inches]."""
    font = FontProperties(size=size_pt, weight=weight)
    width, _, _ = TextToPath().get_text_width_height_descent(text, font, False)
    return HINTING * float(width) / POINTS_PER_IN


def shortened(text: str, room_in: float, size_pt: float, weight: Literal["normal", "bold"] = "normal") -> str:
    """Return text cut short with an ellipsis, if need be, to fit a width."""
    rounding = 1e-6
    if text_width(text, size_pt, weight) <= room_in + rounding:
        return text
    while text and text_width(text + "…", size_pt, weight) > room_in:
        text = text[:-1]
    return text + "…"


def wrapped(text: str, room_in: float, size_pt: float, weight: Literal["normal", "bold"] = "normal") -> str:
    """Return text broken into lines that fit a width; a word that is wider than that is cut short."""
    lines: list[str] = []
    for word in text.split():
        if lines and text_width(f"{lines[-1]} {word}", size_pt, weight) <= room_in:
            lines[-1] += f" {word}"
        else:
            lines.append(shortened(word, room_in, size_pt, weight))
    return "\n".join(lines)


def heading(text: str, room_in: float, recording: Recording | None = None) -> str:
    """Return a title broken into lines that fit a width; that a run is partial has a line of its own."""
    lines = wrapped(text, room_in, TITLE_PT, "bold")
    if recording and recording.status != COMPLETE:
        lines += f"\nPARTIAL RUN: {recording.status} at {recording.simulated_s:g} s"
    return plain(lines)


def chart_figure(height_in: float, text: str, recording: Recording | None = None) -> Figure:
    """Return an empty figure for charts, with its title; of a recording that is partial, it says so."""
    layout = ConstrainedLayoutEngine(w_pad=0.1, h_pad=0.06)
    figure = Figure(figsize=(WIDTH_IN, height_in), dpi=DPI, layout=layout, facecolor="white")
    figure.suptitle(
        heading(text, 0.97 * WIDTH_IN, recording), x=0.01, ha="left", fontsize=TITLE_PT, fontweight="bold", color=INK
    )
    return figure


SHORT_S, MEDIUM_S = 600.0, 7200.0
"""Runs up to these lengths have their times in seconds, and in minutes and seconds; longer ones in hours."""

TICK_STEPS_S = (
    *(1, 2, 5, 10, 20, 30, 60),
    *(120, 300, 600, 900, 1200),
    *(1800, 3600, 7200, 14400, 21600, 43200, 86400),
)
"""Round times in seconds, minutes and hours."""

MOST_TICKS = 10


def clock(time_s: float, longest_s: float) -> str:
    """Return a time as text, with its unit, in the form that suits the longest time beside it."""
    if longest_s <= SHORT_S:
        return f"{time_s:.0f} s"
    return f"{_digits(time_s, longest_s)} {'min' if longest_s <= MEDIUM_S else 'h'}"


def time_axis(axes: Axes, longest_s: float, *, label: bool = True) -> None:
    """Set up a time axis in seconds from 0 on: ticks at round times, written as seconds, min:s or h:min."""
    axes.set_xlim(0, max(longest_s, 1.0))
    step = next((s for s in TICK_STEPS_S if longest_s / s <= MOST_TICKS), longest_s / MOST_TICKS)
    axes.xaxis.set_major_locator(MultipleLocator(step))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _digits(value, longest_s)))
    if label:
        form = "s" if longest_s <= SHORT_S else "min:s" if longest_s <= MEDIUM_S else "h:min"
        axes.set_xlabel(f"time [{form}]", fontsize=TEXT_PT)


def _digits(time_s: float, longest_s: float) -> str:
    if longest_s <= SHORT_S:
        return f"{time_s:g}"
    small = round(time_s) if longest_s <= MEDIUM_S else round(time_s / 60)
    return f"{small // 60}:{small % 60:02d}"


def limit_line(axes: Axes, limit: float, text: str) -> None:
    """Draw a limit across, with what it is at the right end."""
    axes.axhline(limit, color=LIMIT, ls="-.", lw=1.4)
    axes.annotate(
        text, (1.0, limit), xycoords=("axes fraction", "data"), xytext=(4, 0), textcoords="offset points", va="center",
        fontsize=SMALL_PT, color=LIMIT,
    )  # fmt: skip


def tidy(axes: Axes) -> None:
    """Give chart axes light grid lines and no box."""
    axes.grid(color=FAINT, lw=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=SMALL_PT)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
