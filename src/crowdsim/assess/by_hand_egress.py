"""How long leaving takes by hand: all exits together, each exit, and zones that criteria are about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from crowdsim.assess.by_hand_compared import AGREES, EGRESS, EXIT, NOT_COMPARED, ZONE, Comparison
from crowdsim.assess.by_hand_explained import Leaving, by_lift, explain_leaving
from crowdsim.assess.by_hand_fluid import pass_through
from crowdsim.assess.by_hand_methods import RECKONED, GuideRates, Hydraulic, Method
from crowdsim.assess.judged import Run
from crowdsim.assess.leavers import leavers_of
from crowdsim.measure.flows import EXIT as EXIT_FLOW
from crowdsim.measure.flows import Flow
from crowdsim.scenario.criteria import ClearingTimeCriterion, EgressTimeCriterion
from crowdsim.scenario.hand_rates import HAND_RATES

Float64 = NDArray[np.float64]

ADJOINS_M = 1.0
"""So near to a zone a door, exit or way is one of its own (our choice: the depth of a doorway, and a step)."""


@dataclass(frozen=True, slots=True)
class Ready:
    """When those who left by an exit could have been there.

    Attributes
    ----------
    times_s : (n,) ascending [s].
    last : how the last of these times comes about, in words.
    """

    times_s: Float64
    last: str


@dataclass(frozen=True, slots=True)
class Passed:
    """When the last has passed something by hand.

    Attributes
    ----------
    last_s : after the start of the simulation [s]; infinite if nothing is left of its width.
    text : the calculation in figures.
    """

    flow: Flow
    last_s: float
    text: str


def compare_egress(run: Run) -> Iterator[Comparison]:
    """Yield everyone's leaving by every method and edition, then that by each exit by the edition chosen."""
    chosen = run.recording.scenario.config.measure.hand_rates
    others = [name for name in HAND_RATES if name != chosen]
    ready = ready_by_exit(run)
    if not ready:
        return
    method = GuideRates(HAND_RATES[chosen])
    methods: list[Method] = [method, Hydraulic(), *(GuideRates(HAND_RATES[name]) for name in others)]
    for one in methods:
        yield _everyone(run, ready, one)
    for name in sorted(ready, key=lambda name: -ready[name].times_s.size):
        yield _at_exit(run, name, ready[name], method)


def compare_clearing(run: Run) -> Iterator[Comparison]:
    """Yield the clearing of each zone that a criterion is about: people in it over what leads out of it."""
    config = run.recording.scenario.config
    method = GuideRates(HAND_RATES[config.measure.hand_rates])
    for criterion in config.criteria.values():
        if isinstance(criterion, ClearingTimeCriterion) and criterion.region:
            yield _zone(run, criterion, criterion.region, method)


def ready_by_exit(run: Run) -> dict[str, Ready]:
    """Return when each of those who left by an exit could have been there, by name of the exit.

    That is the time of coming in, plus the free walk, plus what they spent on purpose or could not help but by
    waiting: pre-movement, stays, and services as simulated, which have hand calculations of their own.
    """
    those, found = leavers_of(run.recording), {}
    for name in dict.fromkeys(those.exit):
        mine = np.flatnonzero(those.exit == name)
        last = mine[those.ready_s[mine].argmax()]
        words = [f"comes in at {those.entry_s[last]:.0f} s"] if those.entry_s[last] else []
        words += [f"stays and waits for {those.waited_s[last]:.0f} s"] if those.waited_s[last] else []
        words.append(f"walks for {those.walk_s[last]:.0f} s")
        found[str(name)] = Ready(np.sort(those.ready_s[mine]), ", ".join(words))
    return found


def everyone_out(run: Run, ready: dict[str, Ready], method: Method) -> list[Passed]:
    """Return when the last has passed each exit, door and way by hand, the latest first."""
    found = [_by_exit(run, run.measures.flows[name], those, method) for name, those in ready.items()]
    found += [
        _by_count(run, flow, method)
        for flow in run.measures.flows.values()
        if flow.kind in RECKONED and flow.kind != EXIT_FLOW and flow.count
    ]
    return sorted(found, key=lambda passed: -passed.last_s)


def _by_exit(run: Run, flow: Flow, ready: Ready, method: Method) -> Passed:
    per_s = method.per_s(flow, run.recording.venue)
    ready_s = ready.times_s
    words = f"{ready_s.size:,} people over {method.words(flow, run.recording.venue)} at {flow.name}"
    if not per_s:
        return Passed(flow, np.inf, f"{words}: nothing is left of its width")
    last_s = float(pass_through(ready_s, per_s)[-1])
    return Passed(
        flow,
        last_s,
        f"{words}: {ready_s.size / per_s:.0f} s; the last ready to pass is so at {ready_s[-1]:.0f} s ({ready.last})",
    )


def _by_count(run: Run, flow: Flow, method: Method) -> Passed:
    per_s = method.per_s(flow, run.recording.venue)
    words = f"{flow.count:,} passages over {method.words(flow, run.recording.venue)} at {flow.kind} {flow.name}"
    if not per_s:
        return Passed(flow, np.inf, f"{words}: nothing is left of its width")
    first_s = float(flow.times_s[0])
    return Passed(flow, first_s + flow.count / per_s, f"{words}: {flow.count / per_s:.0f} s from {first_s:.0f} s on")


def _everyone(run: Run, ready: dict[str, Ready], method: Method) -> Comparison:
    egress = run.measures.egress
    passed = everyone_out(run, ready, method)
    controls = passed[0]
    from_s = _from_s(run, egress.egress_time_s)
    people = sum(those.times_s.size for those in ready.values())
    all_per_s = sum(method.per_s(flow, run.recording.venue) for flow in _open_exits(run))
    text = controls.text
    if len(_open_exits(run)) > 1 and all_per_s:
        text += f"; spread evenly over all open exits {people:,} people take {people / all_per_s:.0f} s"
    finite = np.isfinite(controls.last_s)
    by_hand = max(controls.last_s - from_s, 0.0) if finite else None
    last = egress.egress_time_s
    entry = Comparison(
        EGRESS, "", "last out", None if last is None else last - from_s, by_hand, "s", method.name, text,
        rates=method.edition, controls=_named(controls.flow), from_s=from_s,
        at_least=run.recording.simulated_s - from_s if last is None else None,
        is_bound=not by_lift(run, controls.flow),
    )  # fmt: skip
    ends_s = run.recording.simulated_s if last is None else last
    those = ready.get(controls.flow.name)
    times_s = those.times_s if those else None
    leaving = Leaving(controls.flow, False, method, times_s, from_s, ends_s, controls.last_s)
    inside = f"{egress.planned - egress.exit_s.size} of {egress.planned} had not left when the run ended"
    if entry.verdict == NOT_COMPARED:
        return replace(entry, explanation=inside if finite else "nothing is left of a width")
    beforehand = f"{inside}, by hand are those who had; " if last is None else ""
    return replace(entry, explanation=beforehand + explain_leaving(run, leaving, entry.verdict))


def _at_exit(run: Run, name: str, ready: Ready, method: Method) -> Comparison:
    flow = run.measures.flows[name]
    passed, last_s = _by_exit(run, flow, ready, method), float(flow.times_s[-1])
    from_s = _from_s(run, last_s)
    by_hand = max(passed.last_s - from_s, 0.0)
    entry = Comparison(
        EXIT, name, "last out", last_s - from_s, by_hand, "s", method.name, passed.text,
        rates=method.edition, controls=_named(flow), from_s=from_s, is_bound=not by_lift(run, flow),
    )  # fmt: skip
    leaving = Leaving(flow, True, method, ready.times_s, from_s, last_s, passed.last_s)
    return replace(entry, explanation=explain_leaving(run, leaving, entry.verdict))


def _zone(run: Run, criterion: ClearingTimeCriterion, region: str, method: Method) -> Comparison:
    counted = run.measures.occupancy[region]
    after = np.flatnonzero(counted.time_s >= criterion.from_s)
    people = int(counted.people[after[0]]) if after.size else 0
    used = after[counted.people[after] > 0]
    ways = _ways_out(run, region)
    per_s = sum(method.per_s(flow, run.recording.venue) for flow in ways)
    names = ", ".join(flow.name for flow in ways)
    cleared = used.size and used[-1] + 1 < counted.time_s.size
    simulated = float(counted.time_s[used[-1] + 1]) - criterion.from_s if cleared else None
    entry = Comparison(
        ZONE, region, "empty", simulated if used.size else 0.0, people / per_s if per_s else None, "s", method.name,
        f"{people:,} people there at {criterion.from_s:g} s over {names or 'nothing'}"
        + (f", {per_s:.2f} people/s together" if per_s else ""),
        rates=method.edition, controls=names, from_s=criterion.from_s,
    )  # fmt: skip
    if not per_s:
        return replace(entry, explanation=f"no door, exit, stair or ramp is within {ADJOINS_M:g} m of the zone")
    if entry.simulated is None:
        return replace(entry, explanation="people were there when the run ended")
    later = int(counted.people[after].max(initial=0))
    reasons = [f"up to {later:,} were there later"] if later > people else []
    passed = sum(int((flow.times_s >= criterion.from_s).sum()) for flow in ways)
    if passed > people:
        reasons.append(f"{passed:,} passed there from then on, others on their way through included")
    reasons = reasons or (["the walk to it is not reckoned with"] if entry.verdict != AGREES else [])
    return replace(entry, explanation="; ".join(reasons))


def _ways_out(run: Run, region: str) -> list[Flow]:
    venue = run.recording.venue
    zone = (venue.zones | venue.areas)[region]
    shapes = {name: door.line for name, door in venue.doors.items()}
    shapes |= {name: exit_.area for name, exit_ in venue.exits.items()}
    for name, link in venue.links.items():
        lower, upper = (run.recording.shift_m[venue.levels.index(level)] for level in (link.lower, link.upper))
        shapes[name] = shapely.union(
            shapely.affinity.translate(link.foot, *lower), shapely.affinity.translate(link.head, *upper)
        )
    return [
        flow
        for flow in run.measures.flows.values()
        if flow.kind in RECKONED and zone.distance(shapes[flow.name]) <= ADJOINS_M
    ]


def _open_exits(run: Run) -> Sequence[Flow]:
    return [flow for flow in run.measures.flows.values() if flow.kind == EXIT_FLOW]


def _from_s(run: Run, last_s: float | None) -> float:
    """Return from when on leaving counts: as the criteria on it say, if that is before the last one left."""
    criteria = run.recording.scenario.config.criteria.values()
    asked = max((one.from_s for one in criteria if isinstance(one, EgressTimeCriterion)), default=0.0)
    return asked if asked < (run.recording.simulated_s if last_s is None else last_s) else 0.0


def _named(flow: Flow) -> str:
    return f"{flow.kind} {flow.name}"
