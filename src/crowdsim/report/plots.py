"""All pictures of a run."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from matplotlib.figure import Figure

from crowdsim.measure import Measures, measure
from crowdsim.record.recording import Recording
from crowdsim.report.charts import egress_figure, flow_figure
from crowdsim.report.maps import density_figure, exposure_figure
from crowdsim.report.plan import plan_figure
from crowdsim.report.style import DPI


class Plots:
    """The figures of a run, each drawn when it is asked for; the run is measured once."""

    def __init__(self, recording: Recording, measures: Measures | None = None) -> None:
        self._recording = recording
        self._given = measures

    @cached_property
    def _measures(self) -> Measures:
        return self._given or measure(self._recording)

    def plan(self) -> Figure:
        """Return the venue plan."""
        return plan_figure(self._recording.scenario, self._recording.venue)

    def density(self) -> Figure:
        """Return the map of the highest density over time."""
        return density_figure(self._recording, self._measures.maps)

    def exposure(self) -> Figure:
        """Return the map of exposure to dangerous density."""
        return exposure_figure(self._recording, self._measures.maps)

    def egress(self) -> Figure:
        """Return the numbers entered, inside and exited over time."""
        return egress_figure(self._recording, self._measures.egress)

    def flows(self) -> Figure:
        """Return the flow at each exit over time."""
        exits = [flow for flow in self._measures.flows.values() if flow.kind == "exit"]
        return flow_figure(self._recording, exits, "exits")

    def lines(self) -> Figure | None:
        """Return the flow at doors and measurement lines over time; None if there are none."""
        others = [flow for flow in self._measures.flows.values() if flow.kind != "exit"]
        return flow_figure(self._recording, others, "doors and measurement lines") if others else None

    def all(self) -> Iterator[tuple[str, Figure]]:
        """Yield every figure with its name."""
        for name in ("plan", "density", "exposure", "egress", "flows"):
            yield name, getattr(self, name)()
        lines = self.lines()
        if lines:
            yield "lines", lines


def write_plots(recording: Recording, measures: Measures, folder: Path) -> list[Path]:
    """Write all pictures of a run as PNG files into a folder; return their paths."""
    written = []
    for name, figure in Plots(recording, measures).all():
        path = folder / f"{name}.png"
        figure.savefig(path, dpi=DPI)
        written.append(path)
    return written
