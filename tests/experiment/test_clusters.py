"""Sweeps on engines for many machines: all runs, none twice, whatever is killed; the same rows as on one machine."""

from __future__ import annotations

import os
import signal
import stat
import sys
import threading
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from crowdsim.experiment.engines.choose import ENGINES, LocalEngine, choose_engine
from crowdsim.experiment.engines.cluster import RayEngine
from crowdsim.experiment.engines.slurm import LOGS, SlurmEngine
from crowdsim.experiment.sweep.plan import Wish, make_plan
from crowdsim.experiment.sweep.sweep import run_sweep

ROOM = Path(__file__).parent / "room"
KEYS = ("exits.out.width_m=1.5,2.4", "seed=range(1,7)")

pytestmark = pytest.mark.cluster


def rows_of(folder):
    rows = pq.read_table(folder / "results.parquet").to_pylist()
    return [{key: value for key, value in row.items() if not key.startswith("performance.")} for row in rows]


def sweep(folder, engine):
    run_sweep(make_plan(str(ROOM), KEYS, Wish()), folder, engine)
    return rows_of(folder)


@pytest.fixture(scope="module")
def at_home(tmp_path_factory):
    rows = sweep(tmp_path_factory.mktemp("sweep") / "local", LocalEngine(2))
    assert len(rows) == 12
    return rows


@pytest.fixture
def two_nodes():
    """A Ray cluster of two nodes with one core each, on this machine."""
    from ray.cluster_utils import Cluster  # noqa: PLC0415

    small = {"num_cpus": 1, "object_store_memory": 100 * 2**20}
    cluster = Cluster(initialize_head=True, head_node_args={**small, "include_dashboard": False})
    cluster.add_node(**small)
    cluster.wait_for_nodes()
    yield cluster
    cluster.shutdown()


def processes_that(wanted):
    """Return the ids of processes whose command line has a text."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if wanted in path.read_bytes().replace(b"\0", b" ").decode(errors="replace"):
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def after_three_runs(folder, do):
    """Do something in the middle of a sweep, from another thread; return the thread."""

    def wait():
        journal = folder / "runs.jsonl"
        until = time.monotonic() + 240
        while time.monotonic() < until and not (journal.is_file() and journal.read_bytes().count(b"\n") >= 3):
            time.sleep(0.05)
        do()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_ray_with_a_worker_killed_in_the_middle_has_the_same_rows(at_home, two_nodes, tmp_path):
    killed = []

    def kill():
        for process in processes_that("ray::make_runs")[:1]:
            os.kill(process, signal.SIGKILL)
            killed.append(process)

    thread = after_three_runs(tmp_path / "ray", kill)
    rows = sweep(tmp_path / "ray", RayEngine(address=two_nodes.address))
    thread.join()
    assert killed
    assert rows == at_home


def test_ray_with_a_node_lost_in_the_middle_has_the_same_rows(at_home, two_nodes, tmp_path):
    lost = []

    def lose():
        lost.append(next(iter(two_nodes.worker_nodes)))
        two_nodes.remove_node(lost[0], allow_graceful=False)

    thread = after_three_runs(tmp_path / "ray", lose)
    rows = sweep(tmp_path / "ray", RayEngine(address=two_nodes.address))
    thread.join()
    assert lost
    assert rows == at_home


def test_submitit_with_processes_of_this_machine_has_the_same_rows(at_home, tmp_path):
    rows = sweep(tmp_path / "local", SlurmEngine(cluster="local", n_jobs=2, runs_per_task=3))
    assert rows == at_home


SBATCH = """#!{python}
# What Slurm would do with a job of one task: note the script and run it.
import os, re, subprocess, sys, pathlib
script = pathlib.Path(sys.argv[-1])
here = pathlib.Path(__file__).parent
number = str(len(list(here.glob("job_*"))) + 1)
(here / ("job_" + number)).write_text(script.read_text())
command = re.search("^srun .*$", script.read_text(), re.MULTILINE)
text = command.group().replace("%j", number).replace("%t", "0")
words = __import__("shlex").split(text)
words = words[words.index(sys.executable):]
environment = dict(os.environ, SUBMITIT_EXECUTOR="slurm", SLURM_JOB_ID=number, SLURM_PROCID="0", SLURM_LOCALID="0",
                   SLURM_NTASKS="1", SLURM_NNODES="1", SLURM_NODEID="0", SLURM_JOB_NODELIST="here",
                   SLURM_JOB_NUM_NODES="1")
log = open(here / ("log_" + number), "w")
process = subprocess.Popen(words, env=environment, stdout=log, stderr=log)
(here / ("pid_" + number)).write_text(str(process.pid))
print("Submitted batch job " + number)
"""

SACCT = """#!{python}
# Tells of every job whether its process is still there.
import os, pathlib
here = pathlib.Path(__file__).parent
print("JobID|State|NodeList")
for path in here.glob("pid_*"):
    pid, number = path.read_text(), path.name.split("_")[1]
    try:
        running = open(f"/proc/{{pid}}/stat").read().split()[2] != "Z"
    except OSError:
        running = False
    print(f"{{number}}|{{'RUNNING' if running else 'COMPLETED'}}|here")
"""


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    """Commands that stand in for those of Slurm; what they were asked for is in their folder."""
    folder = tmp_path / "slurm_commands"
    folder.mkdir()
    for name, text in {"sbatch": SBATCH, "sacct": SACCT, "srun": "#!/bin/sh\n", "scancel": "#!/bin/sh\n"}.items():
        path = folder / name
        path.write_text(text.format(python=sys.executable) if "{python}" in text else text)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


def test_slurm_is_asked_for_what_was_set_and_gives_the_same_rows(at_home, slurm, tmp_path):
    engine, problems = choose_engine(
        "submitit_slurm",
        {"n_jobs": 2, "runs_per_task": 4, "timeout_min": 30, "mem_gb": 3, "slurm": {"slurm_partition": "short"}},
    )
    assert not problems
    assert sweep(tmp_path / "slurm", engine) == at_home
    scripts = [path.read_text() for path in sorted(slurm.glob("job_*"))]
    assert len(scripts) == 3  # 12 runs, four a task
    for line in ("--time=30", "--mem=3GB", "--cpus-per-task=1", "--partition=short", "--job-name=crowdsim"):
        assert f"#SBATCH {line}" in scripts[0]
    assert (tmp_path / "slurm" / LOGS).is_dir()


def test_what_an_engine_cannot_do_is_told():
    assert [str(problem) for problem in choose_engine("submitit", {})[1]] == [
        "command line: hydra/launcher: found 'submitit'; allowed: did you mean 'submitit_slurm'? "
        f"({', '.join(sorted(ENGINES))})"
    ]
    told = [str(problem) for problem in choose_engine("ray", {"n_jobs": 0, "adress": "auto", "address": 3})[1]]
    assert [problem.split(": ")[1] for problem in told] == [
        "hydra.launcher.n_jobs", "hydra.launcher.adress", "hydra.launcher.address",
    ]  # fmt: skip
    assert choose_engine("basic", {"n_jobs": 2})[1]
    assert not choose_engine("ray", {"n_jobs": -1, "address": None})[1]
    told = choose_engine("submitit_local", {"n_jobs": -1, "runs_per_task": 0, "mem_gb": 1.5, "slurm": "short"})[1]
    assert [problem.allowed for problem in told] == [
        "a whole number from 1", "a whole number from 1", "a whole number from 1",
        "a mapping, as in {slurm_partition: short}",
    ]  # fmt: skip
