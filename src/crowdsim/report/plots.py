"""All pictures of a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from matplotlib.figure import Figure

from crowdsim.assess import Finding, assess
from crowdsim.measure import Measures, measure
from crowdsim.measure.flows import DOOR, ESCALATOR, EXIT, LINE, RAMP, STAIR
from crowdsim.record.recording import Recording
from crowdsim.report.density import density_figure, exposure_figure
from crowdsim.report.egress import egress_figure
from crowdsim.report.finding_map import finding_map
from crowdsim.report.finding_series import finding_series
from crowdsim.report.flow import flow_figure
from crowdsim.report.plan import plan_figure
from crowdsim.report.queues import queue_figure
from crowdsim.report.style import DPI
from crowdsim.report.words import listed

KINDS = (
    (DOOR, "doors"),
    (LINE, "measurement lines"),
    (STAIR, "stairs"),
    (RAMP, "ramps"),
    (ESCALATOR, "escalators"),
)
"""What flows are measured at besides exits."""


class Plots:
    """The figures of a run, each drawn when it is asked for; the run is measured once, when that is needed."""

    def __init__(
        self, recording: Recording, measures: Measures | None = None, findings: Sequence[Finding] | None = None
    ) -> None:
        self._recording = recording
        self._given = measures
        self._found = findings

    @cached_property
    def _measures(self) -> Measures:
        return self._given or measure(self._recording)

    @cached_property
    def _findings(self) -> Sequence[Finding]:
        return assess(self._measures, self._recording).findings if self._found is None else self._found

    def plan(self) -> Figure:
        """Return the venue plan."""
        return plan_figure(self._recording.scenario, self._recording.venue, self._recording)

    def density(self) -> Figure:
        """Return the map of the highest density at each place over the run."""
        return density_figure(self._recording, self._measures.maps)

    def exposure(self) -> Figure:
        """Return the map of time spent at dangerous density."""
        return exposure_figure(self._recording, self._measures.maps)

    def egress(self) -> Figure:
        """Return the numbers entered, inside and exited over time."""
        return egress_figure(self._recording, self._measures.egress)

    def flows(self) -> Figure:
        """Return the flow at each exit over time."""
        exits = [flow for flow in self._measures.flows.values() if flow.kind == EXIT]
        closed = [name for name, exit_ in self._recording.venue.exits.items() if not exit_.open]
        return flow_figure(self._recording, exits, "exits", closed)

    def lines(self) -> Figure | None:
        """Return the flow over doors, measurement lines and ways between levels over time; None if there are none."""
        others = [flow for flow in self._measures.flows.values() if flow.kind != EXIT]
        if not others:
            return None
        kinds = {flow.kind for flow in others}
        what = listed([text for kind, text in KINDS if kind in kinds])
        venue = self._recording.venue
        closed = [name for name, way in (venue.doors | venue.links).items() if not way.open]
        return flow_figure(self._recording, others, what, closed)

    def queues(self) -> Figure | None:
        """Return how many wait at each service over time; None without services."""
        return queue_figure(self._recording, self._measures.queues) if self._measures.queues else None

    def findings(self) -> Iterator[tuple[str, Figure]]:
        """Yield the maps and time series of the findings that have pictures, with their names."""
        for number, finding in enumerate(self._findings, start=1):
            for kind, name in finding.entry["pictures"].items():
                figure = (finding_map if kind == "map" else finding_series)(finding, self._recording, number)
                if figure:
                    yield name, figure

    def all(self) -> Iterator[tuple[str, Figure]]:
        """Yield every figure with its name."""
        for name in ("plan", "density", "exposure", "egress", "flows"):
            yield name, getattr(self, name)()
        for name in ("lines", "queues"):
            figure = getattr(self, name)()
            if figure:
                yield name, figure
        yield from self.findings()


def write_plots(
    recording: Recording, measures: Measures, folder: Path, findings: Sequence[Finding] | None = None
) -> list[Path]:
    """Write all pictures of a run as PNG files into a folder, which exists; return their paths."""
    written = []
    for name, figure in Plots(recording, measures, findings).all():
        path = folder / f"{name}.png"
        figure.savefig(path, dpi=DPI)
        written.append(path)
    return written
