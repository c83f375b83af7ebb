"""The measuring process: a script that runs with the sources to be measured on PYTHONPATH.

It takes a job as its only argument (JSON) and measures once for each line on standard input. It answers with JSON
lines: `{"stage": ...}`, `{"ready": ...}`, `{"measured": ...}`, `{"problems": ...}` or `{"error": ...}`.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

ENGINES = {
    "crowdsim": "crowdsim.bench.measuring",
    "jupedsim": "crowdsim.bench.peer_jupedsim",
    "rvo2": "crowdsim.bench.peer_rvo2",
    "pysocialforce": "crowdsim.bench.peer_pysocialforce",
}
"""The module that measures an engine: its `prepare(job, tell)` returns a function that measures once."""


def use_own_cases() -> None:
    """Make `crowdsim.bench` the package this file is in, whichever revision of crowdsim is being measured."""
    here = Path(__file__).parent
    spec = importlib.util.spec_from_file_location(
        "crowdsim.bench", here / "__init__.py", submodule_search_locations=[str(here)]
    )
    if spec and spec.loader:
        module = importlib.util.module_from_spec(spec)
        sys.modules["crowdsim.bench"] = module
        spec.loader.exec_module(module)


def serve(job: dict[str, Any], orders: TextIO, answers: TextIO) -> None:
    """Prepare a job, then measure it once for each line of `orders`."""

    def answer(**content: Any) -> None:
        answers.write(json.dumps(content) + "\n")
        answers.flush()

    try:
        engine = importlib.import_module(ENGINES[job["engine"]])
        measure_once: Callable[[], dict[str, Any]] = engine.prepare(job, lambda text: answer(stage=text))
        answer(ready=True)
        for _ in orders:
            answer(measured=measure_once())
    except Exception as error:  # whatever an engine raises is for the process that asked
        problems = getattr(error, "problems", None)
        if problems:
            answer(problems=[[p.file, p.where, p.found, p.allowed] for p in problems])
        else:
            answer(error=" ".join(f"{type(error).__name__}: {error}".split()))


if __name__ == "__main__":
    use_own_cases()
    lines = sys.stdout
    sys.stdout = sys.stderr  # what engines print is not an answer
    serve(json.loads(sys.argv[1]), sys.stdin, lines)
