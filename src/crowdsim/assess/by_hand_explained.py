"""Where the difference between a simulated egress and the one by hand comes from, as measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crowdsim.assess.by_hand_compared import AGREES, QUICKER, UNEXPLAINED
from crowdsim.assess.by_hand_last import Last, find_last
from crowdsim.assess.by_hand_methods import RECKONED, Method
from crowdsim.assess.judged import Run
from crowdsim.assess.leavers import leavers_of
from crowdsim.measure.flows import EXIT, Flow

Float64 = NDArray[np.float64]

BUSY = 0.9
"""A door or way that lets through this share of its rate in its busiest minute holds back those behind (our choice)."""

CROWDED = 0.5
"""From this share of the rate in its busiest minute on an exit has a crowd before it (our choice)."""

GAP_S = 5.0
"""Nobody passes for so long: the flow has stopped (our choice: three times the headway at a door of half a metre)."""

MUCH = 0.5
"""A fact explains a difference if it accounts for this share of it (our choice)."""

COUNTERFLOW = 0.1
"""Share of passages the other way from which on that is told (our choice)."""

LAST_SHARE = 0.05
"""The last of those leaving, of whom it is told how long they take."""

UNEVEN = 1.2
"""An exit takes more than its share of the width if it is this many times that (our choice)."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """A stream that leaves, simulated and by hand.

    Attributes
    ----------
    flow : what controls it by hand.
    of_exit : whether it is one exit's stream, not everybody's.
    ready_s : (n,) if an exit controls, when each could have been there [s]; None for doors and ways.
    from_s : times count from here on [s].
    last_s, by_hand_s : when the last one is out, simulated and by hand [s].
    """

    flow: Flow
    of_exit: bool
    method: Method
    ready_s: Float64 | None
    from_s: float
    last_s: float
    by_hand_s: float

    @property
    def more_s(self) -> float:
        """How much longer it takes simulated [s]."""
        return self.last_s - self.by_hand_s


def explain_leaving(run: Run, leaving: Leaving, verdict: str) -> str:
    """Return in words where the difference comes from; says so if what is measured does not tell."""
    if verdict == QUICKER:
        reasons = list(_above_rate(run, leaving))
    elif verdict == AGREES:
        return _what_controls(run, leaving)
    else:
        last = find_last(run, leaving.from_s, leaving.flow.name if leaving.of_exit else "")
        by = run.measures.flows[last.exit]
        reasons = [*_slow_at(leaving, last), *_held_up(run, leaving, by), *_other_way(leaving)]
        reasons += [*_of_the_last(leaving, by, run.measures.egress.exit_s), *_done_meanwhile(run, leaving)]
    told = [*reasons, *_uneven(run, leaving)]
    return "; ".join(told if reasons else [*told, UNEXPLAINED])


def _what_controls(run: Run, leaving: Leaving) -> str:
    """Return whether by hand the width sets the time, or when people come."""
    if leaving.ready_s is None:
        return f"{leaving.flow.kind} {leaving.flow.name} controls"
    alone_s = 1.0 / leaving.method.per_s(leaving.flow, run.recording.venue)
    waits_s = leaving.by_hand_s - float(leaving.ready_s[-1]) - alone_s
    if waits_s > alone_s:
        return f"its width controls: the last one waits {waits_s:.0f} s for those before"
    return f"people's own times control, not the width: the last is ready to pass at {leaving.ready_s[-1]:.0f} s"


def _above_rate(run: Run, leaving: Leaving) -> Iterator[str]:
    """Yield that more pass than the rate has."""
    rate = _rate(run, leaving.method, leaving.flow)
    peak = leaving.flow.peak_specific_per_m_s
    mean = leaving.flow.mean_per_s / leaving.flow.width_m
    if mean > rate:
        yield (
            f"{leaving.flow.kind} {leaving.flow.name} let {mean:.2f} /(m s) through on average, {rate:.2f} reckoned "
            "with: rates are maxima, so a plan should not rely on it"
        )
    elif by_lift(run, leaving.flow):
        yield "by hand those who take no steps wait for a lift half its round trip, which the last of them did not"
    elif peak > rate:
        yield (
            f"{leaving.flow.kind} {leaving.flow.name} let up to {peak:.2f} /(m s) through, {rate:.2f} reckoned with: "
            "rates are maxima, so a plan should not rely on it"
        )


def by_lift(run: Run, flow: Flow) -> bool:
    """Return whether the last one who could be at an exit, who sets the time by hand, takes no steps where lifts are.

    Half a lift's round trip is reckoned with, more than some wait: then the time by hand is no bound.
    """
    lifts = [link for link in run.recording.venue.links.values() if link.is_lift and link.open]
    if not lifts or flow.kind != EXIT:
        return False
    those = leavers_of(run.recording)
    mine = those.exit == flow.name
    last = int(those.id[mine][those.ready_s[mine].argmax()])
    profile = run.recording.attendees["profile"][last].as_py()
    return run.recording.scenario.config.profiles[profile].step_free


def _slow_at(leaving: Leaving, last: Last) -> Iterator[str]:
    """Yield where the last one out was held up, if for much of the difference."""
    if last.slow_s >= MUCH * leaving.more_s:
        by = "" if leaving.of_exit else f", by {last.exit},"
        yield (
            f"the last one out{by} lost {last.lost_s:.0f} s on the way, {last.slow_s:.0f} s of it below half the free "
            f"speed {last.place}"
        )


def _held_up(run: Run, leaving: Leaving, by: Flow) -> Iterator[str]:
    """Yield what let fewer pass than reckoned with: something elsewhere, else it itself."""
    venue = run.recording.venue
    busiest = {
        other.name: other.peak_per_s / leaving.method.per_s(other, venue)
        for other in run.measures.flows.values()
        if other.kind in RECKONED and other.kind != EXIT and leaving.method.per_s(other, venue)
    }
    name = max(busiest, key=lambda key: busiest[key], default="")
    if name and busiest[name] >= BUSY:
        other = run.measures.flows[name]
        yield (
            f"congestion elsewhere: {other.kind} {name} worked at {busiest[name]:.0%} of its rate in its busiest "
            f"{other.window_s:g} s"
        )
        return
    rate, peak = _rate(run, leaving.method, by), by.peak_specific_per_m_s
    if CROWDED * rate <= peak < rate and (delay_s := _mean_delay_s(run, by)) > GAP_S:
        yield (
            f"{by.kind} {by.name} let at most {peak:.2f} /(m s) through in {by.window_s:g} s, {rate:.2f} reckoned "
            f"with, while people lost {delay_s:.0f} s each on their way"
        )


def _other_way(leaving: Leaving) -> Iterator[str]:
    """Yield that people came the other way."""
    flow = leaving.flow
    share = min(flow.forward, flow.backward) / flow.count if flow.count else 0.0
    if share >= COUNTERFLOW:
        yield f"{share:.0%} of those at {flow.kind} {flow.name} went the other way"


def _of_the_last(leaving: Leaving, by: Flow, everyone_s: Float64) -> Iterator[str]:
    """Yield gaps in the flow, and how long the last few take, if they account for much of the difference."""
    out_s = by.times_s if leaving.of_exit else everyone_s
    gaps_s = np.diff(out_s[out_s > leaving.from_s])
    stopped_s = float(gaps_s[gaps_s > GAP_S].sum())
    if stopped_s >= MUCH * leaving.more_s:
        yield f"for {stopped_s:.0f} s in all, in gaps of more than {GAP_S:g} s, nobody left" + (
            f" by {by.name}" if leaving.of_exit else ""
        )
    few = int(np.ceil(LAST_SHARE * out_s.size))
    took_s = float(out_s[-1] - out_s[-few - 1]) if out_s.size > few else 0.0
    if took_s >= MUCH * leaving.more_s:
        yield f"the last {few:,} of {out_s.size:,} took {took_s:.0f} s of it"


def _done_meanwhile(run: Run, leaving: Leaving) -> Iterator[str]:
    """Yield what was closed or narrowed while people left: the hand calculation has it open and wide all the time."""
    all_ = run.recording.scenario.config.interventions
    for time_s, number in run.recording.done:
        one = all_[number]
        if time_s < leaving.last_s and (one.close or one.width_m or one.one_way or one.hold):
            yield f"at {time_s:.0f} s: {one.title}"


def _uneven(run: Run, leaving: Leaving) -> Iterator[str]:
    """Yield that exits were not used by their width, and those that nobody used."""
    exits = [flow for flow in run.measures.flows.values() if flow.kind == EXIT]
    people, width_m = sum(flow.count for flow in exits), sum(flow.width_m for flow in exits)
    flow = leaving.flow
    if flow.kind == EXIT and len(exits) > 1 and people:
        share, of_width = flow.count / people, flow.width_m / width_m
        if UNEVEN * of_width < share < 1.0:
            yield f"{flow.name} took {share:.0%} of the people with {of_width:.0%} of the width"
    unused = [other.name for other in exits if not other.count]
    if unused:
        yield f"not used: {', '.join(unused)}"


def _rate(run: Run, method: Method, flow: Flow) -> float:
    """Return what is reckoned with for each metre of clear width [1/(m s)]."""
    return method.per_s(flow, run.recording.venue) / flow.width_m


def _mean_delay_s(run: Run, flow: Flow) -> float:
    """Return how much time those who left by an exit lost on their way, on average; of doors and ways everybody."""
    those = leavers_of(run.recording)
    mine = those.lost_s[those.exit == flow.name] if flow.kind == EXIT else those.lost_s
    return float(mine.mean()) if mine.size else 0.0
