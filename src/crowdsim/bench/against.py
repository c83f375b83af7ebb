"""Comparing with another revision of the sources, or with an earlier measurement."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crowdsim.bench.ratios import Ratio, unpaired_ratio
from crowdsim.bench.reading import COMMAND_LINE
from crowdsim.bench.runs import Watch, cpu_name, measure_alone, measure_two, ratio_keys
from crowdsim.bench.workload import Workload
from crowdsim.errors import Problem, ScenarioError, SimulationError

OPTION = "--against"

DEFAULT_BAND = 0.10
"""Slower by up to this is not told from noise: on busy machines the same sources have differed by 8 %."""

FEWEST_PAIRS = 5
"""With fewer pairs the bootstrap says nothing of how sure the ratio is."""

SAME = ("case", "n", "movement", "steps", "seed")
"""What an earlier measurement must have in common with the workload, besides step, threads and processor."""


def measure_against(work: Workload, reference: str, band: float, repeats: int, watch: Watch) -> dict[str, Any]:
    """Measure a workload and compare it with a revision or with a saved measurement.

    Parameters
    ----------
    reference : a git revision, or the path of a file that `--json` wrote.
    band : how much slower is not told from noise, as a share.

    Returns
    -------
    The result, with `against`, `ratio` (time an attendee-step takes, ours over the other's), `ratio_interval`,
    `band` and `slower`.
    """
    if Path(reference).is_file():
        saved = read_saved(Path(reference))
        refuse_others(work, saved, reference)
        ours = measure_alone(work, repeats, watch)
        refuse_others(work, saved, reference, ours)
        each = [[wall / side["agent_steps"] for wall in side["wall_s_each"]] for side in (ours, saved)]
        return compared(ours, saved, unpaired_ratio(*each), band, reference)
    with checked_out(reference) as (sources, commit):
        try:
            ours, other, ratio = measure_two(work, sources, repeats, watch)
        except SimulationError as error:
            allowed = "a revision whose engine can load and step this case"
            raise ScenarioError([Problem(COMMAND_LINE, OPTION, f"{reference!r}: {error}", allowed)]) from error
    return compared(ours, other, ratio, band, reference) | {"against_commit": commit}


def compared(ours: dict[str, Any], other: dict[str, Any], ratio: Ratio, band: float, reference: str) -> dict[str, Any]:
    """Return our result with what the comparison gave."""
    return ours | {
        "against": reference,
        "against_wall_s": other["wall_s"],
        "against_ns_per_agent_step": other["ns_per_agent_step"],
        "against_agent_steps": other["agent_steps"],
        "same_positions": ours["sha256"] == other["sha256"],
        **ratio_keys(ratio),
        "band": band,
        "slower": ratio.beyond(band),
    }


# ---------------------------------------------------------------- a saved measurement
NUMBERS = ("n", "steps", "seed", "dt_s", "threads", "wall_s", "ns_per_agent_step", "agent_steps")
TEXTS = ("case", "movement", "cpu", "sha256")


def read_saved(path: Path) -> dict[str, Any]:
    """Return a measurement that `--json` wrote; raises ScenarioError if the file holds none."""
    try:
        saved = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _refused(path, f"a file that cannot be read ({error})") from error
    if not isinstance(saved, dict):
        raise _refused(path, "no JSON object")
    missing = [key for key in NUMBERS if not isinstance(saved.get(key), (int, float))]
    missing += [key for key in TEXTS if not isinstance(saved.get(key), str)]
    walls = saved.get("wall_s_each")
    if not (isinstance(walls, list) and walls and all(isinstance(w, (int, float)) and w > 0 for w in walls)):
        missing.append("wall_s_each")
    if missing:
        raise _refused(path, f"nothing usable for: {', '.join(missing)}")
    return saved


def _refused(path: Path, found: str) -> ScenarioError:
    return ScenarioError([Problem(str(path), "", found, "what `crowdsim bench ... --json` printed")])


def refuse_others(work: Workload, saved: dict[str, Any], file: str, ours: dict[str, Any] | None = None) -> None:
    """Raise ScenarioError if a saved measurement is of another workload or another processor.

    Parameters
    ----------
    ours : our measurement, once made: it also says what the workload leaves to the engine.
    """
    if ours is None:
        wanted = {key: getattr(work, key) for key in SAME} | {"cpu": cpu_name()}
        wanted |= {key: getattr(work, key) for key in ("threads", "dt_s") if getattr(work, key) is not None}
    else:
        wanted = {key: ours[key] for key in ("threads", "dt_s")}
    problems = [
        Problem(file, key, repr(saved[key]), f"{value!r}, as of this measurement")
        for key, value in wanted.items()
        if saved[key] != value
    ]
    if problems:
        raise ScenarioError(problems)


# ---------------------------------------------------------------- a revision
@contextmanager
def checked_out(revision: str) -> Iterator[tuple[Path, str]]:
    """Check a revision out into a temporary folder; give the folder of its package and the commit.

    Raises
    ------
    ScenarioError
        If the current folder is not in a checkout of crowdsim, or the revision does not exist.
    """
    try:
        top = Path(_git(Path(), "rev-parse", "--show-toplevel"))
    except (OSError, subprocess.CalledProcessError) as error:
        found = f"{revision!r}: no such file, and the current folder is not in a git repository"
        raise _no_revision(
            found, "the path of a saved JSON file, or a revision, from a checkout of crowdsim"
        ) from error
    if not (top / "src" / "crowdsim").is_dir():
        found = f"{revision!r}: no such file, and the repository of the current folder is not crowdsim's"
        raise _no_revision(found, "the path of a saved JSON file, or a revision, from a checkout of crowdsim")
    try:
        commit = _git(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    except subprocess.CalledProcessError as error:
        found = f"{revision!r}: no such file, and no such revision in {top.name}"
        raise _no_revision(found, "a branch, tag or commit, fetched before") from error
    with tempfile.TemporaryDirectory(prefix="crowdsim-revision-") as folder:
        tree = Path(folder) / "tree"
        try:
            _git(top, "worktree", "add", "--detach", str(tree), commit)
        except subprocess.CalledProcessError as error:
            found = f"{revision!r}, which git cannot check out: {' '.join(error.stderr.split())}"
            raise _no_revision(found, "a repository that a worktree can be added to") from error
        try:
            if not (tree / "src" / "crowdsim").is_dir():
                raise _no_revision(f"{revision!r}, which has no src/crowdsim", "a later revision")
            yield tree / "src", commit
        finally:
            _git(top, "worktree", "remove", "--force", str(tree))


def _no_revision(found: str, allowed: str) -> ScenarioError:
    return ScenarioError([Problem(COMMAND_LINE, OPTION, found, allowed)])


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()
