"""One simulation from beginning to end: run folder, model, recording, measures, verdict, pictures."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TextIO

try:
    import resource
except ImportError:  # not on Windows
    resource = None  # type: ignore[assignment]

from crowdsim.assess import FAIL, Finding, assess, compare_by_hand
from crowdsim.assess.stopping import FailWatch
from crowdsim.config import resolved_yaml
from crowdsim.errors import Problem, RecordingError, RunFolderError, ScenarioError, SimulationError, suggest
from crowdsim.interrupts import Interrupts, waiting_interrupts
from crowdsim.measure import Measures, measure, summarise
from crowdsim.model import CrowdModel
from crowdsim.model.interventions import Change
from crowdsim.model.warm_up import load_kernels
from crowdsim.record import Recorder, Recording, Trajectories, write_attendees, write_jupedsim
from crowdsim.record.dated import dated_folder
from crowdsim.record.layout import (
    ATTENDEES,
    COMPLETE,
    CONFIG,
    EVENTS,
    FAILED,
    INTERRUPTED,
    LOG,
    PLOTS,
    SQLITE,
    STOPPED,
    SUMMARY,
    TRAJECTORIES,
    VENUE,
)
from crowdsim.record.machine import describe_machine
from crowdsim.scenario.feature import Scenario
from crowdsim.scenario.geojson import venue_text

if TYPE_CHECKING:
    from crowdsim.report.plots import Plots

EXPORTS = ("jupedsim",)
"""Formats that a run can be exported to besides its own."""

PROGRESS_INTERVAL_S = 0.1
"""Wall time between two reports of progress: as often as a person can read."""

FILES = (SUMMARY, CONFIG, VENUE, TRAJECTORIES, EVENTS, ATTENDEES, SQLITE, LOG)


class Watcher(Protocol):
    """Whoever wants to see how a run goes."""

    def say(self, text: str) -> None:
        """Take in a line of text."""

    def stage(self, name: str) -> None:
        """Take in that the next stage begins."""

    def progress(self, time_s: float, duration_s: float, inside: int, exited: int, planned: int) -> None:
        """Take in how far the simulation is."""


class _Log:
    """Writes everything said to the run folder's log and passes it on."""

    def __init__(self, file: TextIO, watcher: Watcher | None) -> None:
        self._file = file
        self._watcher = watcher
        self._began = time.perf_counter()

    def say(self, text: str) -> None:
        self._write(text)
        if self._watcher:
            self._watcher.say(text)

    def stage(self, name: str) -> None:
        self._write(name)
        if self._watcher:
            self._watcher.stage(name)

    def progress(self, time_s: float, duration_s: float, inside: int, exited: int, planned: int) -> None:
        if self._watcher:
            self._watcher.progress(time_s, duration_s, inside, exited, planned)

    def _write(self, text: str) -> None:
        with suppress(OSError):  # a full disk is reported by the recording; the log must not hide that
            self._file.write(f"[{time.perf_counter() - self._began:8.2f} s] {text}\n")
            self._file.flush()


@dataclass(frozen=True)
class Result:
    """A finished run.

    Attributes
    ----------
    folder : the run folder.
    summary : the content of `summary.json`.
    """

    folder: Path
    summary: dict[str, Any]

    @cached_property
    def recording(self) -> Recording:
        """The run folder, opened for reading."""
        return Recording(self.folder)

    def trajectories(self) -> Trajectories:
        """Return the recorded trajectories: `.table()`, `.to_pandas()`, `.to_pedpy()`."""
        return self.recording.trajectories()

    @cached_property
    def plot(self) -> Plots:
        """The run's figures: `.plan()`, `.density()`, `.exposure()`, `.egress()`, `.flows()`, `.findings()`."""
        from crowdsim.report.plots import Plots  # noqa: PLC0415

        return Plots(self.recording)


def run(
    scenario: Scenario,
    out: Path | str | None = None,
    *,
    force: bool = False,
    export: Sequence[str] = (),
    stop_when_failed: bool = False,
    watcher: Watcher | None = None,
) -> Result:
    """Simulate a scenario, measure and judge it, and write everything to a run folder.

    Parameters
    ----------
    out : the run folder; None makes `outputs/SCENARIO/DATE_TIME`.
    force : replace another run in that folder.
    export : further formats, of `EXPORTS`.
    stop_when_failed : stop as soon as a criterion has failed for certain. Such a run is partial, and nothing of it is
        measured, exported or drawn: the summary, which is not written, says when it was stopped and by which criteria.
    watcher : shown what is going on.

    Raises
    ------
    RunFolderError
        If the folder cannot be written or holds another run.
    ScenarioError
        If the scenario's attendees do not fit into their start zones.
    RecordingError
        If the disk is full; what was recorded before is kept.
    SimulationError
        If the model failed; what was recorded before is kept.
    KeyboardInterrupt
        If interrupted; the folder is closed first and says that it is partial.
    """
    unknown = [name for name in export if name not in EXPORTS]
    if unknown:
        raise ScenarioError(Problem("command line", "--export", repr(name), suggest(name, EXPORTS)) for name in unknown)
    folder = open_folder(scenario, Path(out) if out else None, force=force)
    with _open_log(folder) as file:
        log = _Log(file, watcher)
        try:
            (folder / CONFIG).write_text(resolved_yaml(scenario), encoding="utf-8")
            (folder / VENUE).write_text(venue_text(scenario.features), encoding="utf-8")
        except OSError as error:
            msg = f"{folder}: cannot be written ({error.strerror})"
            raise RunFolderError(msg) from error
        performance, stopped = _simulate(scenario, folder, log, stop_when_failed=stop_when_failed)
        if stopped:
            return Result(folder, _summary_of_stopped(scenario, performance, stopped))
        log.stage("measuring")
        summary, recording, measures, findings = _write_summary(folder, scenario, performance)
        if export:
            log.stage("exporting")
            write_jupedsim(recording, folder / SQLITE)
        if scenario.config.output.plots:
            log.stage("drawing")
            from crowdsim.report.plots import write_plots  # noqa: PLC0415 matplotlib is slow to load

            (folder / PLOTS).mkdir(exist_ok=True)
            write_plots(recording, measures, folder / PLOTS, findings)
        log.say(f"verdict: {summary['verdict']}")
    return Result(folder, summary)


def open_folder(scenario: Scenario, out: Path | None, *, force: bool) -> Path:
    """Make or clear the run folder; refuses one that holds another run, unless forced."""
    folder = out or dated_folder(Path("outputs") / scenario.name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = [name for name in FILES if (folder / name).exists()]
        if held and not force:
            msg = f"{folder} holds another run ({held[0]}); name another folder with --out, or replace it with --force"
            raise RunFolderError(msg)
        for name in held:
            (folder / name).unlink()
        for picture in (folder / PLOTS).glob("*.png"):
            picture.unlink()
    except RunFolderError:
        raise
    except OSError as error:
        msg = f"{folder}: cannot be written ({error.strerror}); name another folder with --out"
        raise RunFolderError(msg) from error
    return folder


@contextmanager
def _open_log(folder: Path) -> Iterator[TextIO]:
    try:
        file = (folder / LOG).open("w", encoding="utf-8")
    except OSError as error:
        msg = f"{folder}: cannot be written ({error.strerror}); name another folder with --out"
        raise RunFolderError(msg) from error
    try:
        yield file
    finally:
        with suppress(OSError):  # the disk is full, which is being reported already
            file.close()


def _comes_of_interrupt(error: BaseException | None) -> bool:
    """Return whether an interrupt is at the bottom of an error: C code may turn one into another error."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def _simulate(
    scenario: Scenario, folder: Path, log: _Log, *, stop_when_failed: bool
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Run the model and record it; whatever happens, the recording is closed and readable.

    Returns what it cost, and when [s] and by which criteria it was stopped; the latter empty if it came to its end.
    """
    log.stage("loading kernels (compiled once per machine, a minute or two)")
    log.say(f"kernels ready after {load_kernels(scenario.config.movement):.1f} s")
    log.stage("distance fields")
    config = scenario.config
    every = round(config.output.sample_interval_s / config.movement.step_s)
    status = FAILED
    model: CrowdModel | None = None
    began = time.perf_counter()
    try:
        with Recorder(folder, config.output.sample_interval_s) as recorder:
            watch = FailWatch(scenario, recorder) if stop_when_failed else None
            model = CrowdModel(scenario, observer=watch or recorder)
            grid = model.navigation.grid
            log.say(
                f"{len(model.population)} attendees, {len(model.navigation.goals)} goals, "
                f"grid {grid.free.shape[1]} x {grid.free.shape[0]} nodes of {grid.step_m:g} m"
            )
            log.stage("simulating")
            began = time.perf_counter()
            recorder.sample(model)
            with waiting_interrupts() as interrupts:
                failed = _walk(model, recorder, every, log, interrupts, watch)
        status = STOPPED if failed else COMPLETE
    except KeyboardInterrupt:
        status = INTERRUPTED
        raise
    except (ScenarioError, RecordingError, MemoryError):
        raise
    except Exception as error:
        if _comes_of_interrupt(error):
            status = INTERRUPTED
            raise KeyboardInterrupt from error
        at = f" at {model.time_s:.2f} s" if model else ""
        msg = f"the simulation failed{at}: {type(error).__name__}: {error}"
        raise SimulationError(msg) from error
    finally:
        performance = _performance(model, time.perf_counter() - began) if model else {}
        if model and status in (FAILED, INTERRUPTED):
            _close_partial(folder, model, status, performance, log)
    write_attendees(folder, model, status)
    log.say(
        f"simulated {model.time_s:.1f} s in {performance['wall_s']:.1f} s "
        f"({performance['agent_steps_per_s']:.3g} attendee-steps/s, {performance['realtime_factor']:.1f} x real time)"
    )
    if failed:
        log.say(f"stopped there, verdict fail: whatever follows, {' and '.join(failed)} failed")
    return performance, {"time_s": model.time_s, "criteria": list(failed)} if failed else {}


def _walk(
    model: CrowdModel, recorder: Recorder, every: int, log: _Log, interrupts: Interrupts, watch: FailWatch | None
) -> tuple[str, ...]:
    """Step the model to its end, sampling every `every` steps, unless it is interrupted.

    With a watch it stops as soon as criteria have failed for certain; these are returned, none if it came to its end.
    """
    failed: tuple[str, ...] = ()
    planned, duration = len(model.population), model.setup.config.duration_s
    shown = 0.0
    step = 0
    while model.running:
        failed = watch.failed(model.time_s) if watch else ()
        if failed:
            break
        told = len(model.changed)
        model.step()
        for change in model.changed[told:]:
            log.say(_change_text(change, model.setup))
        step += 1
        if step % every == 0:
            recorder.sample(model)
        now = time.perf_counter()
        if now - shown > PROGRESS_INTERVAL_S or not model.running:
            log.progress(model.time_s, duration, model.inside_count, model.exited_count, planned)
            shown = now
        interrupts.check()
    if step % every:
        recorder.sample(model)
    return failed


def _change_text(change: Change, scenario: Scenario) -> str:
    """Return what was done and what it led to, in words."""
    computed, of = change.fields
    parts = [f"{computed} of {of} distance fields computed anew in {change.wall_s:.2f} s"] if computed else []
    parts += [f"{change.rerouted} people head for another exit"] if change.rerouted else []
    parts += [f"{change.changed_over} change over to other queues"] if change.changed_over else []
    parts += [f"{change.told} will do as told"] if change.told else []
    parts += [f"{change.aside} stepped aside"] if change.aside else []
    parts += [f"{change.stranded} have no way to their goals any more"] if change.stranded else []
    parts += [f"{change.sheltered} wait in refuges or go there"] if change.sheltered else []
    done = [scenario.config.interventions[number] for number in change.numbers]
    titles = "; ".join(one.title + (f" ({one.when})" if one.when else "") for one in done)
    return f"at {change.time_s:.1f} s: {titles}" + (f": {', '.join(parts)}" if parts else "")


def _close_partial(folder: Path, model: CrowdModel, status: str, performance: dict[str, Any], log: _Log) -> None:
    """Write what is known of a run that did not come to its end; says so if even that fails."""
    try:
        write_attendees(folder, model, status)
        _write_summary(folder, model.setup, performance)
        log.say(f"partial run: {status} at {model.time_s:.1f} s simulated; what was recorded is in {folder}")
    except (OSError, KeyboardInterrupt) as error:
        log.say(f"partial run: {status} at {model.time_s:.1f} s simulated; its summary is missing ({error!r})")


def _summary_of_stopped(scenario: Scenario, performance: dict[str, Any], stopped: dict[str, Any]) -> dict[str, Any]:
    """Return what is known of a run that was stopped: of all criteria only that some have failed."""
    names = scenario.config.criteria
    return {
        "scenario": scenario.name,
        "status": STOPPED,
        "seed": scenario.config.seed,
        "stopped": stopped,
        "criteria": [
            {"id": name, "value": None, "passed": False if name in stopped["criteria"] else None} for name in names
        ],
        "verdict": FAIL,
        "performance": performance,
    }


def _write_summary(
    folder: Path, scenario: Scenario, performance: dict[str, Any]
) -> tuple[dict[str, Any], Recording, Measures, list[Finding]]:
    recording = Recording(folder, scenario)
    measures = measure(recording)
    assessed = assess(measures, recording, scenario.overrides)
    summary = summarise(recording, measures, performance) | assessed.summary
    summary |= compare_by_hand(measures, recording)
    summary["inputs"] = {"files": scenario.inputs, "overrides": list(scenario.overrides)}
    try:
        (folder / SUMMARY).write_text(json.dumps(summary, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    except OSError as error:
        msg = f"{folder / SUMMARY}: cannot be written ({error.strerror})"
        raise RecordingError(msg) from error
    return summary, recording, measures, assessed.findings


def _performance(model: CrowdModel, wall_s: float) -> dict[str, Any]:
    steps = round(model.time_s / model.step_s)
    return {
        "steps": steps,
        "agent_steps": model.agent_steps,
        "wall_s": wall_s,
        "agent_steps_per_s": model.agent_steps / wall_s if wall_s else 0.0,
        "realtime_factor": model.time_s / wall_s if wall_s else 0.0,
        "peak_rss_mb": _peak_memory_mb(),
        "threads": model.stepper.threads,
        "platform": dict(describe_machine()),
    }


def _peak_memory_mb() -> float | None:
    """Return the most memory this process has held [MB]; None where the system does not tell."""
    if resource is None:
        return None
    unit = 1 if sys.platform == "darwin" else 1024  # macOS counts bytes, others kilobytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
