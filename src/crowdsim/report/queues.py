"""How long the queues for services are over time."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from crowdsim.measure.queues import ServiceUse
from crowdsim.record.recording import Recording
from crowdsim.report.done import mark_done
from crowdsim.report.style import EXITED, INK, TEXT_PT, chart_figure, clock, plain, tidy, time_axis

ROW_IN, HEAD_IN = 2.2, 1.0
"""Height of a service's chart, and of the title and time axis."""

MOST = 8
"""As many services have charts: those with the longest queues."""

FILL_ALPHA = 0.25


def queue_figure(recording: Recording, queues: dict[str, ServiceUse]) -> Figure:
    """Return how many wait at each service over time, with how long they waited and how busy the servers were."""
    shown = sorted(queues, key=lambda name: -queues[name].waiting.max(initial=0))[:MOST]
    shown = [name for name in queues if name in shown]
    more = f" (the {MOST} longest of {len(queues)})" if len(shown) < len(queues) else ""
    title = f"{recording.scenario.config.title}: waiting at services{more}"
    figure = chart_figure(HEAD_IN + ROW_IN * len(shown), title, recording)
    end_s = recording.simulated_s
    every = figure.subplots(len(shown), 1, sharex=True, squeeze=False)[:, 0]
    for axes, name in zip(every, shown, strict=True):
        use = queues[name]
        time_s, waiting = np.append(use.time_s, end_s), np.append(use.waiting, use.waiting[-1])
        axes.fill_between(time_s, waiting, step="post", color=EXITED, alpha=FILL_ALPHA, lw=0)
        axes.step(time_s, waiting, where="post", color=EXITED, lw=1.6)
        axes.set_title(plain(_words(name, use, end_s)), loc="left", fontsize=TEXT_PT, color=INK)
        axes.set_ylim(0, max(1.0, 1.1 * use.waiting.max(initial=0)))
        axes.set_ylabel("people waiting", fontsize=TEXT_PT)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True, steps=[1, 2, 5, 10]))
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        mark_done(axes, recording, named=axes is every[0])
        time_axis(axes, end_s, label=axes is every[-1])
        tidy(axes)
    return figure


def _words(name: str, use: ServiceUse, end_s: float) -> str:
    figures = use.summary()
    texts = [f"{use.served:,} served"]
    texts += [f"{use.gave_up:,} gave up"] if use.gave_up else []
    texts += [f"at most {figures['max_length']:,} waiting"]
    if figures["mean_wait_s"] is not None:
        texts.append(
            f"waited {clock(figures['mean_wait_s'], end_s)} on average, 95 % under "
            f"{clock(figures['p95_wait_s'], end_s)}"
        )
    if figures["utilisation"] is not None:
        texts.append(f"servers busy {figures['utilisation']:.0%}")
    return f"{name}: {', '.join(texts)}"
