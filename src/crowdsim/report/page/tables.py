"""Tables of flows, queues, areas, programme and interventions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crowdsim.report.words import clock, number, share


@dataclass(frozen=True, slots=True)
class Table:
    """A table; cells are texts, and the first column names the row.

    Attributes
    ----------
    note : below the table: what was counted how.
    """

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    note: str = ""


def queue_table(summary: Mapping[str, Any]) -> Table | None:
    """Return how long people waited at each service; None without services."""
    columns = (
        "Service",
        "Served",
        "Gave up",
        "Longest queue",
        "Mean wait [min:s]",
        "95 % below [min:s]",
        "Servers busy",
    )
    rows = [
        (
            name,
            number(use["served"]),
            number(use["gave_up"]),
            number(use["max_length"]),
            clock(use["mean_wait_s"]),
            clock(use["p95_wait_s"]),
            share(use["utilisation"]),
        )
        for name, use in (summary.get("queues") or {}).items()
    ]
    note = "A wait is the time from joining a queue to being called, the walk along the line included."
    return Table("Queues", columns, rows, note) if rows else None


def flow_table(summary: Mapping[str, Any], window_s: float) -> Table | None:
    """Return how many passed exits, doors, measurement lines and ways between levels; None if there are none."""
    columns = (
        "Place",
        "Kind",
        "Clear width [m]",
        "People",
        "Mean flow [1/s]",
        "Peak flow [1/s]",
        "Peak per width [1/(m s)]",
    )
    rows = [
        (
            name,
            str(flow["kind"]),
            f"{flow['width_m']:.2f}",
            number(flow["count"]),
            number(flow["mean_per_s"]),
            number(flow["peak_per_s"]),
            number(flow["peak_specific_per_m_s"]),
        )
        for name, flow in sorted((summary.get("flows") or {}).items(), key=lambda item: -item[1]["count"])
    ]
    note = (
        f"Peaks are means over a moving window of {window_s:g} s. Doors, lines, "
        "stairs, ramps and escalators count passages, both ways."
    )
    return Table("Flows", columns, rows, note) if rows else None


def area_table(summary: Mapping[str, Any]) -> Table | None:
    """Return densities and speeds in the measurement areas; None if there are none."""
    columns = ("Area", "Mean density [1/m²]", "Highest density [1/m²]", "Mean speed [m/s]")
    rows = [
        (name, *(number(area[key]) for key in ("mean_density_per_m2", "max_density_per_m2", "mean_speed_m_s")))
        for name, area in (summary.get("areas") or {}).items()
    ]
    return Table("Measurement areas", columns, rows, "Densities are numbers of people over the area.") if rows else None


def programme_table(summary: Mapping[str, Any]) -> Table | None:
    """Return how many were at each item of the programme; None without one."""
    rows = [
        (name, *(number(item[key]) for key in ("at_start", "most", "at_end")))
        for name, item in (summary.get("programme") or {}).items()
    ]
    return Table("Programme", ("Item", "There at its start", "Most", "There at its end"), rows) if rows else None


def intervention_table(summary: Mapping[str, Any]) -> Table | None:
    """Return what was done during the run; None if nothing was to be done."""
    rows = [
        (one["what"], one["when"], ", ".join(map(clock, one["times_s"])) or "never")
        for one in summary.get("interventions") or []
    ]
    return Table("Interventions", ("What", "When it was to be done", "Done at"), rows) if rows else None
