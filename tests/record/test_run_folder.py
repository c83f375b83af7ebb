"""What a run leaves on disk, also when it ends badly."""

import hashlib
import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pedpy
import pyarrow.parquet as pq
import pytest
import shapely
from scenes import hall

import crowdsim as cs
from crowdsim.record import writer
from crowdsim.record.layout import TRAJECTORY_SCHEMA
from crowdsim.simulate import run


def digest(folder: Path) -> str:
    table = pq.read_table(folder / "trajectories.parquet")
    return hashlib.sha256(b"".join(table[name].to_numpy().tobytes() for name in table.column_names)).hexdigest()


def test_trajectories_are_sorted_complete_and_outside_walls(hall_run):
    table = pq.read_table(hall_run.folder / "trajectories.parquet")
    assert table.schema.names == TRAJECTORY_SCHEMA.names
    frame = table.to_pandas()
    assert frame.equals(frame.sort_values(["time", "id"], kind="stable"))
    assert (frame.groupby("time").size().iloc[0]) == 150
    assert not frame.duplicated(["time", "id"]).any()
    assert np.allclose(np.diff(frame["time"].unique()), 0.5)
    walkable = hall_run.recording.venue.walkable
    assert shapely.contains_xy(walkable, frame["x"], frame["y"]).all()
    assert float(table.schema.metadata[b"sample_interval_s"]) == 0.5


def test_a_run_is_repeated_bit_for_bit_from_its_folder(hall_run, tmp_path):
    again = cs.run(cs.load_scenario(hall_run.folder / "config.yaml"), tmp_path / "again")
    assert digest(again.folder) == digest(hall_run.folder)
    assert again.summary["scenario"] == hall_run.summary["scenario"]
    same = ("attendees", "egress_time_s", "density", "flows", "criteria", "by_hand", "rule_editions", "config_sha256")
    assert {key: again.summary[key] for key in same} == {key: hall_run.summary[key] for key in same}


def test_another_seed_is_another_run(hall_run, tmp_path):
    other = cs.run(cs.load_scenario(hall_run.folder / "config.yaml", ["seed=2"]), tmp_path / "other")
    assert digest(other.folder) != digest(hall_run.folder)


def test_pictures_are_drawn(hall_run):
    names = {path.name for path in (hall_run.folder / "plots").glob("*.png")}
    assert {"plan.png", "density.png", "exposure.png", "egress.png", "flows.png"} <= names
    assert hall_run.plot.density().axes


def test_the_log_holds_what_was_said(hall_run):
    assert "verdict" in (hall_run.folder / "log.txt").read_text()


def test_pedpy_loads_the_trajectories_and_the_jupedsim_export(tmp_path):
    scene = hall(8, 6, 20, output={"sample_interval_s": 0.5, "plots": False, "voronoi": False})
    result = run(scene, tmp_path / "run", export=("jupedsim",))
    ours = result.trajectories().to_pedpy()
    theirs = pedpy.load_trajectory_from_jupedsim_sqlite(trajectory_file=tmp_path / "run" / "trajectories.sqlite")
    assert theirs.frame_rate == ours.frame_rate == 2.0
    columns = ["id", "frame", "x", "y"]
    left, right = (t.data[columns].sort_values(["frame", "id"]).reset_index(drop=True) for t in (ours, theirs))
    pd.testing.assert_frame_equal(left.astype(float), right.astype(float))
    area = pedpy.load_walkable_area_from_jupedsim_sqlite(trajectory_file=tmp_path / "run" / "trajectories.sqlite")
    assert area.polygon.area == pytest.approx(result.recording.venue.walkable.area)


def test_another_run_is_not_overwritten_unless_forced(hall_run):
    scene = hall(8, 6, 5)
    with pytest.raises(cs.RunFolderError, match="holds another run"):
        run(scene, hall_run.folder)
    assert (hall_run.folder / "summary.json").exists()


def test_a_forced_run_replaces_the_old_one(tmp_path):
    scene = hall(8, 6, 5)
    run(scene, tmp_path / "run")
    assert run(scene, tmp_path / "run", force=True).summary["attendees"]["exited"] == 5


def test_files_that_are_no_run_are_refused(tmp_path):
    with pytest.raises(cs.RunFolderError, match="no run folder"):
        cs.Recording(tmp_path)


def test_rows_reach_the_disk_in_groups(tmp_path, monkeypatch):
    """Memory does not grow with the length of a run: what is taken in leaves in groups of bounded size."""
    monkeypatch.setattr(writer, "ROWS_PER_GROUP", 500)
    result = run(hall(8, 6, 60, output={"sample_interval_s": 0.5, "plots": False, "voronoi": False}), tmp_path / "run")
    file = pq.ParquetFile(result.folder / "trajectories.parquet")
    assert file.num_row_groups > 3
    assert max(file.metadata.row_group(k).num_rows for k in range(file.num_row_groups)) < 500 + 60
    times = [frame.time_s for frame in result.recording.frames()]
    assert times == sorted(set(times))


CHILD = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import crowdsim.record.writer as writer
writer.ROWS_PER_GROUP = 4000
from scenes import hall
from crowdsim.errors import RecordingError
from crowdsim.model.warm_up import load_kernels
from crowdsim.simulate import run
scene = hall(25, 20, 700, output={"sample_interval_s": 0.05, "plots": False, "voronoi": False})
load_kernels(scene.config.movement)
limit = 1_400_000  # bytes a file may have: a footer's reserve and little more
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    run(scene, sys.argv[2])
except RecordingError as error:
    print("RECORDING:", error)
"""


def test_what_was_recorded_before_the_disk_was_full_stays_readable(tmp_path):
    folder = tmp_path / "run"
    command = [sys.executable, "-c", CHILD, str(Path(__file__).parent.parent), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    assert "RECORDING: trajectories.parquet: cannot write any more" in done.stdout
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["status"] == "failed"
    assert summary["verdict"] != "pass"
    recording = cs.Recording(folder)
    rows = recording.trajectories().table().num_rows
    assert rows >= 4000
    assert summary["attendees"]["entered"] == summary["attendees"]["exited"] + summary["attendees"]["inside"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_closes_its_folder_and_says_so(tmp_path, number):
    folder = tmp_path / "run"
    command = [sys.executable, "-m", "crowdsim", "run", "arena_egress", "--out", str(folder)]
    # Tests that a shell runs in the background inherit that interrupts are ignored: take that back for the child.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ)
    signal.signal(signal.SIGINT, before)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("simulating"):
            break
    time.sleep(1.5)
    process.send_signal(number)
    rest = process.communicate(timeout=120)[0]
    assert process.returncode == 130
    assert "Traceback" not in rest
    assert "partial" in rest
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["status"] == "interrupted"
    assert summary["egress_time_s"] is None
    assert summary["attendees"]["inside"] > 0
    assert cs.Recording(folder).trajectories().table().num_rows > 0


def test_an_interrupt_that_c_code_turned_into_another_error_is_one(tmp_path, monkeypatch):
    def step(self):
        try:
            raise KeyboardInterrupt
        except KeyboardInterrupt as error:
            raise SystemError("returned a result with an exception set") from error

    monkeypatch.setattr(cs.CrowdModel, "step", step)
    with pytest.raises(KeyboardInterrupt):
        run(hall(6, 6, 5), tmp_path / "run")
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["status"] == "interrupted"


@pytest.fixture
def interrupting(monkeypatch):
    """Interrupts come while compiled code may be running: in the middle of the third step, so many of them."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    steps = {"begun": 0, "done": 0, "signals": 1}
    step = cs.CrowdModel.step

    def stepped(self):
        steps["begun"] += 1
        for _ in range(steps["signals"] if steps["begun"] == 3 else 0):
            signal.raise_signal(signal.SIGINT)
        step(self)
        steps["done"] += 1

    monkeypatch.setattr(cs.CrowdModel, "step", stepped)
    yield steps
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler  # put back, whatever happened
    signal.signal(signal.SIGINT, before)


def test_an_interrupt_waits_for_the_end_of_the_step(interrupting, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run(hall(6, 6, 5), tmp_path / "run")
    assert interrupting["begun"] == interrupting["done"] == 3
    assert json.loads((tmp_path / "run" / "summary.json").read_text())["status"] == "interrupted"


def test_a_second_interrupt_does_not_wait(interrupting, tmp_path):
    interrupting["signals"] = 2
    with pytest.raises(KeyboardInterrupt):
        run(hall(6, 6, 5), tmp_path / "run")
    assert (interrupting["begun"], interrupting["done"]) == (3, 2)


def test_a_run_conserves_people_everywhere(hall_run):
    people = hall_run.summary["attendees"]
    assert people == {"planned": 150, "entered": 150, "exited": 150, "inside": 0, "blocked": 0}
    assert hall_run.summary["flows"]["out"]["count"] == 150
    events = Counter(hall_run.recording.events()["event"].to_pylist())
    assert events == {"entered": 150, "started": 150, "exited": 150}


def test_an_egress_curve_agrees_with_the_events(hall_run):
    exits = hall_run.recording.events().to_pandas().query("event == 'exited'")["time"].sort_values().to_numpy()
    summary = hall_run.summary
    assert (summary["t50_s"], summary["t95_s"], summary["egress_time_s"]) == (
        exits[74],
        exits[142],
        exits[-1],
    )


def test_the_summary_is_plain_json(hall_run):
    text = (hall_run.folder / "summary.json").read_text()
    assert json.loads(text, parse_constant=pytest.fail) == hall_run.summary
    expected = {
        "crowdsim_version", "scenario", "seed", "movement", "config_sha256", "attendees", "duration_s",
        "egress_time_s", "t50_s", "t95_s", "travel_time_s", "delay_s", "density", "exposure_person_s",
        "pressure", "flows", "queues", "criteria", "verdict", "performance",
    }  # fmt: skip
    assert expected <= set(hall_run.summary)
    assert {"by_hand", "rule_editions", "inputs"} <= set(hall_run.summary)
    machine = hall_run.summary["performance"]["platform"]
    assert (machine["numpy"], machine["python"].split()[1]) == (np.__version__, platform.python_version())
    assert machine["processor"]
