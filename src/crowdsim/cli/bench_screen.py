"""What `crowdsim bench` shows on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from crowdsim.cli.screen import figure

TELLING_FROM = 10_000
"""Memory of fewer attendees is lost in what the process holds anyway."""


def print_measured(console: Console, result: Mapping[str, Any]) -> None:
    """Print a measurement as a table, and what a comparison gave."""
    title = (
        f"{result['case']}, {result['n']:,} attendees, {result['movement']}, {_counted(result['threads'], 'thread')}"
    )
    table = Table(title=title, title_justify="left", show_header=False, box=None, padding=(0, 2, 0, 0))
    people = result["attendees"]
    spread = f"{figure(result['wall_s_min'])} to {figure(result['wall_s_max'])} s"
    made = f"{result['steps_made']:,} of {result['dt_s']:g} s"
    if result["steps_made"] < result["steps"]:
        made += f"; everyone had left before the {result['steps']:,} asked for"
    table.add_row("steps", f"{made}; {people['exited']:,} left, {people['inside']:,} inside at the end")
    each = f"median of {_counted(result['repeats'], 'repeat')}, {spread}"
    table.add_row("wall time", f"{figure(result['wall_s'])} s ({each})")
    table.add_row("speed", f"{_millions(result['agent_steps_per_s'])} attendee-steps/s")
    table.add_row("", f"{figure(result['ns_per_agent_step'])} ns an attendee-step")
    table.add_row("", f"{figure(result['realtime_factor'])} x real time")
    if result["peak_rss_mb"] is not None:
        own = result["bytes_per_attendee"]
        grown = "" if own is None or result["n"] < TELLING_FROM else f"; building took {figure(own)} bytes an attendee"
        table.add_row("memory", f"{figure(result['peak_rss_mb'])} MB at most{grown}")
    table.add_row("", f"{figure(result['state_bytes_per_attendee'])} bytes an attendee are its state and plan")
    table.add_row("positions", f"sha256 {result['sha256'][:16]}...")
    console.print(table)
    if "peer" in result:
        _print_peer(console, result)
    if "against" in result:
        _print_against(console, result)


def _print_peer(console: Console, result: Mapping[str, Any]) -> None:
    name = f"{result['peer']} {result['peer_version']}"
    console.print(
        f"{name}: {_millions(result['peer_agent_steps_per_s'])} attendee-steps/s; "
        f"crowdsim makes {_interval(result)} times as many",
        highlight=False,
        soft_wrap=True,
    )
    for note in result["notes"]:
        console.print(f"  - {note}", style="dim", highlight=False, markup=False, soft_wrap=True)


def _print_against(console: Console, result: Mapping[str, Any]) -> None:
    positions = "the same positions" if result["same_positions"] else "other positions"
    text = (
        f"against {result['against']}: {figure(result['against_ns_per_agent_step'])} ns an attendee-step there, "
        f"time here over there {_interval(result)}, {positions}"
    )
    console.print(text, highlight=False, markup=False, soft_wrap=True)
    verdict = f"slower by more than {result['band']:.0%}" if result["slower"] else "not slower beyond the band"
    colour = "red" if result["slower"] else "green"
    console.print(f"[{colour}]{verdict}[/{colour}] (band {result['band']:.0%})", highlight=False)


def _interval(result: Mapping[str, Any]) -> str:
    low, high = result["ratio_interval"]
    return f"{figure(result['ratio'])} (95 % interval {figure(low)} to {figure(high)})"


def _millions(rate: float) -> str:
    return f"{figure(rate / 1e6)} million"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
