"""Marks on time axes: when interventions were done."""

from __future__ import annotations

from matplotlib.axes import Axes

from crowdsim.record.recording import Recording
from crowdsim.report.style import INK, SMALL_PT, plain, shortened

MOST_NAMED = 6
"""If there are more marks than this, they have no names: they would cover what is behind them."""

NAME_IN = 1.6
"""Room for a name along its line."""


def mark_done(axes: Axes, recording: Recording, *, named: bool = True) -> None:
    """Draw a line at each time at which an intervention was done, named if there are few."""
    titles: dict[float, str] = {}
    for time_s, number in recording.done:
        title = recording.scenario.config.interventions[number].title
        titles[time_s] = f"{titles[time_s]}; {title}" if time_s in titles else title
    for time_s, title in titles.items():
        axes.axvline(time_s, color=INK, lw=0.9, ls=(0, (4, 3)), zorder=1.5)
        if named and len(titles) <= MOST_NAMED:
            axes.annotate(
                plain(shortened(title, NAME_IN, SMALL_PT)), (time_s, 1.0), xycoords=("data", "axes fraction"),
                xytext=(-2, -3), textcoords="offset points", rotation=90, ha="right", va="top", fontsize=SMALL_PT,
                color=INK, bbox={"fc": "white", "ec": "none", "pad": 0.5},
            )  # fmt: skip
