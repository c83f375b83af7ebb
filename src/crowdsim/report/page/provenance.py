"""Where the figures come from, so that an inquiry can repeat them: versions, seed, hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from crowdsim.record.layout import ATTENDEES, CONFIG, EVENTS, SUMMARY, TRAJECTORIES, VENUE
from crowdsim.record.machine import describe_machine
from crowdsim.record.recording import Recording
from crowdsim.report.page.tables import Table
from crowdsim.report.words import clock, duration, number, size

FILES = (CONFIG, VENUE, SUMMARY, ATTENDEES, EVENTS, TRAJECTORIES)


def is_altered(recording: Recording, summary: Mapping[str, Any]) -> bool:
    """Return whether configuration or venue are others than those the summary was made from."""
    told = summary.get("config_sha256")
    inputs = b"".join((recording.folder / name).read_bytes() for name in (CONFIG, VENUE))
    return bool(told) and told != hashlib.sha256(inputs).hexdigest()


def run_table(recording: Recording, summary: Mapping[str, Any]) -> Table:
    """Return what was run, and with what."""
    performance = summary.get("performance") or {}
    wall_s = performance.get("wall_s")
    rows = [
        ("Scenario", str(summary["scenario"])),
        ("Seed", str(summary["seed"])),
        ("Movement model", str(summary["movement"])),
        ("Status", recording.status),
        ("Simulated", f"{recording.simulated_s:g} s ({clock(recording.simulated_s)})"),
        ("Step", f"{recording.scenario.config.movement.step_s:g} s"),
        ("Sampling", f"every {recording.sample_interval_s:g} s, {recording.rows:,} positions"),
        ("crowdsim of the run", str(summary.get("crowdsim_version", "not recorded"))),
        ("Hash of configuration and venue", str(summary.get("config_sha256", "not recorded"))),
        ("Computing time of the run", duration(wall_s) if wall_s is not None else "not recorded"),
        ("Threads", str(performance["threads"]) if performance.get("threads") else "not recorded"),
        ("Attendee-steps", number(performance.get("agent_steps"))),
        ("Machine of the run", _machine(performance["platform"]) if "platform" in performance else "not recorded"),
        ("This report", f"crowdsim {version('crowdsim')}, {datetime.now().strftime('%Y-%m-%d %H:%M')}"),
        ("Machine of this report", _machine(describe_machine())),
    ]
    return Table("What was run", ("What", "Value"), rows)


def file_table(recording: Recording) -> Table:
    """Return the files of the run folder with their hashes."""
    rows = []
    for name in FILES:
        path = recording.folder / name
        if path.is_file():
            rows.append((name, size(path.stat().st_size), _sha256(path)))
    note = "crowdsim run RUN/config.yaml repeats the run bit for bit: same version, same kind of processor."
    return Table("Files", ("File", "Size", "SHA-256"), rows, note)


def edition_table(summary: Mapping[str, Any]) -> Table | None:
    """Return the sets of criteria with document and edition; None for runs from before that was recorded."""
    rows = [
        (
            one["set"] or "own",
            one["title"],
            one["edition"],
            str(one["criteria"]),
            ", ".join(one["changed"]) or "none",
            ", ".join(one["left_out"]) or "none",
            one["sha256"] or "",
        )
        for one in summary.get("rule_editions") or []
    ]
    columns = ("Set", "Document", "Edition", "Criteria", "Changed", "Left out", "SHA-256")
    note = "The hash is of the criteria as published, before the scenario changed any."
    return Table("Rules", columns, rows, note) if rows else None


def input_table(summary: Mapping[str, Any]) -> Table | None:
    """Return the files that the scenario was read from with their hashes; None for runs without a record of them."""
    inputs = summary.get("inputs") or {}
    rows = [(name, digest) for name, digest in (inputs.get("files") or {}).items()]
    given = ", ".join(inputs.get("overrides") or ()) or "nothing"
    note = f"As they were when the run began. Set besides, on the command line or by a program: {given}."
    return Table("Inputs", ("File", "SHA-256"), rows, note) if rows else None


def _machine(parts: Mapping[str, str]) -> str:
    names = {"numpy": "NumPy", "numba": "Numba", "llvmlite": "llvmlite"}
    libraries = ", ".join(f"{words} {parts[key]}" for key, words in names.items())
    return f"{parts['python']}, {libraries}, {parts['system']}, {parts['machine']}, processor {parts['processor']}"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
