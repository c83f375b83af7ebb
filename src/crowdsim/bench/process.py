"""Measuring in a process of its own: clean memory figures, and other sources or another engine where wanted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import crowdsim
from crowdsim.bench import worker
from crowdsim.errors import Problem, ScenarioError, SimulationError

Tell = Callable[[str], None]
"""Told what is being done."""

OWN_SOURCES = Path(crowdsim.__file__).parent.parent
"""The folder that holds the package being run."""


class MeasuringProcess:
    """A process that prepares a job and measures it as often as it is asked to.

    Parameters
    ----------
    job : `engine`, of `crowdsim.bench.worker.ENGINES`, and what that engine needs.
    tell : told what is being done.
    sources : the folder that holds the crowdsim package to be measured.
    environment : variables to set.

    Raises
    ------
    ScenarioError
        If the engine refuses the case.
    SimulationError
        If the process fails.
    """

    def __init__(
        self,
        job: Mapping[str, Any],
        tell: Tell,
        sources: Path = OWN_SOURCES,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._tell = tell
        self._name = job["engine"]
        paths = [str(sources), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._said = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - closed on exit
        self._process = subprocess.Popen(
            [sys.executable, "-P", worker.__file__, json.dumps(dict(job))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
            env={**os.environ, **(environment or {}), "PYTHONPATH": os.pathsep.join(paths)},
        )

    def __enter__(self) -> Self:
        """Wait until the job is prepared."""
        try:
            self._await("ready")
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the process."""
        self._end()

    def measure(self) -> dict[str, Any]:
        """Measure once; return what the engine says."""
        if self._process.stdin:
            with suppress(BrokenPipeError):  # it died: told below
                self._process.stdin.write("\n")
                self._process.stdin.flush()
        measured: dict[str, Any] = self._await("measured")
        return measured

    def _await(self, wanted: str) -> Any:
        for line in self._process.stdout or ():
            answer = json.loads(line)
            if wanted in answer:
                return answer[wanted]
            if "problems" in answer:
                raise ScenarioError(Problem(*problem) for problem in answer["problems"])
            if "error" in answer:
                msg = f"measuring {self._name} failed: {answer['error']}"
                raise SimulationError(msg)
            self._tell(answer["stage"])
        code = self._process.wait()
        self._said.seek(0)
        last = self._said.read().strip().splitlines()[-1:] or ["nothing was said"]
        killed = f"was killed by signal {-code} (out of memory?)" if code < 0 else f"ended with {code}: {last[0]}"
        msg = f"the process that measures {self._name} {killed}"
        raise SimulationError(msg)

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._said):
            with suppress(OSError):
                if stream:
                    stream.close()
