"""What a run rests on: movement model, people, how things were measured, and what was not looked at."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from crowdsim.record.recording import Recording
from crowdsim.report.page.tables import Table
from crowdsim.scenario.bodies import used_profiles

LIMITS = (
    "One run with one seed: another seed gives other figures. How much they vary, replications show.",
    "Parameters are fitted to healthy adults in laboratories; the planning preset keeps a reserve.",
    "The crowd pressure is that of one moment. It is not comparable with the onset of 0.02 /s² in the literature, "
    "which averages over time.",
    "One person alone reads a density above 0, and the Gaussian that spreads people looks across thin walls.",
    "People do not tire on stairs, fall, push on purpose, or panic.",
    "Doors and lines count people by their recorded positions; exits count exactly.",
)
"""What holds for every run (docs/method.md, limits)."""


def assumption_table(recording: Recording, summary: Mapping[str, Any]) -> Table:
    """Return what the run assumes, with the source of each where the configuration names it."""
    scenario = recording.scenario
    config = scenario.config
    option = scenario.choices.get("movement", "")
    parameters = dataclasses.asdict(config.movement)
    model = parameters.pop("model").replace("_", " ")
    rows = [
        (
            "Movement model",
            f"{model}{f' (option {option})' if option else ''}: {_listed(parameters)}",
            "docs/models.md",
        ),
        ("Ways", f"{config.routes} ways", "docs/choice.md"),
    ]
    for name in used_profiles(scenario):
        profile = config.profiles[name]
        speed, body = profile.free_speed_m_s, profile.body_radius_m
        text = (
            f"free speed {speed.mean:g} m/s, standard deviation {speed.sd:g}, from {speed.min:g} to {speed.max:g}; "
            f"body radius {body.mean:g} m"
        )
        rows.append((f"Profile {name}", text + ("; takes no steps" if profile.step_free else ""), profile.source))
    rows += [
        (f"Criterion {entry['id']}", str(entry["text"]), str(entry.get("source") or ""))
        for entry in summary["criteria"]
        if entry.get("level_of_evidence") == "assumption"
    ]
    rows += [
        ("Density", str(summary["density"].get("method", "")), "docs/method.md"),
        ("Sampling", f"positions every {recording.sample_interval_s:g} s", "the trajectory file"),
        ("Peak flows", f"mean over a moving window of {config.measure.flow_window_s:g} s", "the limits are per minute"),
    ]
    return Table("Assumptions", ("What", "Assumed", "Source"), rows)


def _listed(parameters: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value:g}" for name, value in parameters.items() if isinstance(value, int | float))
