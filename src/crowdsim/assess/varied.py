"""What was varied in a run, as far as its folder tells: what was done in it, what is closed, what the criteria say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crowdsim.assess.clock import clock
from crowdsim.assess.judged import Run
from crowdsim.record.recording import Recording
from crowdsim.scenario.feature import SETTING_OF
from crowdsim.venue.moments import KINDS_THAT_PASS


def closed_at(recording: Recording, time_s: float) -> dict[str, float | None]:
    """Return the exits, doors and ways that are closed at a time by name, and since when [s]; None: from the start."""
    scenario, config = recording.scenario, recording.scenario.config
    passing = scenario.named(*KINDS_THAT_PASS)
    closed: dict[str, float | None] = {}
    for name, feature in passing.items():
        setting = getattr(config, SETTING_OF[feature.kind]).get(name)
        if not (feature.open if setting is None else setting.open):
            closed[name] = None
    for done_s, number in recording.done:
        if done_s > time_s:
            break
        one = config.interventions[number]
        for name in one.open:
            closed.pop(name, None)
        closed |= {name: done_s for name in one.close if name in passing}
    return closed


def done_before(recording: Recording, time_s: float) -> list[dict[str, Any]]:
    """Return the interventions that were done up to a time, in order: what, and when [s]."""
    titles = [one.title for one in recording.scenario.config.interventions]
    return [{"what": titles[number], "time_s": done_s} for done_s, number in recording.done if done_s <= time_s]


def varied(entry: Mapping[str, Any], run: Run, time_s: float | None) -> dict[str, Any]:
    """Return what was varied before a finding, at any time if it has none, in fields and in words.

    How the scenario was changed on the command line is known while the run is made; a summary made anew from its folder
    does not say it.
    """
    recording = run.recording
    done = done_before(recording, recording.simulated_s if time_s is None else time_s)
    changed = [str(change["text"]) for change in entry["changed"]]
    parts = [f"one run, seed {recording.scenario.config.seed}"]
    parts += [f"set for it: {', '.join(run.overrides)}"] if run.overrides else []
    parts += ["before it: " + "; ".join(f"{one['what']} at {clock(one['time_s'])}" for one in done)] if done else []
    parts += [] if done else ["no intervention was done" + ("" if time_s is None else " before it")]
    parts += [f"criterion {'; '.join(changed)}"] if changed else []
    return {
        "seed": recording.scenario.config.seed,
        "overrides": None if run.overrides is None else list(run.overrides),
        "interventions": done,
        "criterion_changed": changed,
        "text": "; ".join(parts),
    }
