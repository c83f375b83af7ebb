"""The comparison with experiments from end to end, without the experiments' files."""

import json

import numpy as np
import pytest

import crowdsim as cs
from benchmarks.calibrate import MODELS
from benchmarks.calibrate import main as calibrate
from benchmarks.experiments import __main__ as program
from benchmarks.experiments import bottleneck, tables
from benchmarks.experiments.comparison import EXPERIMENTS, Comparison, Figure, compare, known_figures
from benchmarks.experiments.observables import crossings
from benchmarks.experiments.simulated import simulate
from benchmarks.study import overrides_of
from crowdsim.record.layout import POSITION_RESOLUTION_M

FEW = ["attendees.participants.count=12"]


def test_memory_holds_what_the_run_folder_holds(tmp_path):
    overrides = [*FEW, "seed=3", "output.plots=false", "output.sample_interval_s=0.05"]
    recorded = cs.run(cs.load_scenario("bottleneck_lab", overrides), tmp_path / "run").trajectories().to_pedpy()
    kept = simulate("bottleneck_lab", overrides, recorded.frame_rate)
    assert (kept.people, kept.inside) == (12, 0)
    both = recorded.data.merge(kept.trajectories.data, on=["id", "frame"], suffixes=("", "_kept"))
    assert len(both) >= len(recorded.data) - 12  # the step in which somebody leaves is not in memory
    rounding = POSITION_RESOLUTION_M / 2  # of recorded positions
    np.testing.assert_allclose(both["x"], both["x_kept"], rtol=0, atol=rounding)
    np.testing.assert_allclose(both["y"], both["y_kept"], rtol=0, atol=rounding)
    seen, true = crossings(recorded, bottleneck.LINE), crossings(kept.trajectories, bottleneck.LINE)
    assert seen.keys() == true.keys()
    assert all(abs(seen[id] - true[id]) <= 1 for id in true)  # rounding may put somebody on the line's other side


def test_people_start_where_they_are_told():
    places = np.array([[-1.0, 2.0], [0.0, 1.0], [1.0, 3.0]])
    kept = simulate("bottleneck_lab", ["attendees.participants.count=3"], 20.0, places)
    first = kept.trajectories.data.query("frame == 0").sort_values("id")
    np.testing.assert_allclose(first[["x", "y"]].to_numpy(float), places)
    assert kept.inside == 0


def test_every_run_has_figures():
    for runs in EXPERIMENTS.values():
        for run in runs:
            assert all(value > 0 for value in known_figures(run).values())


def test_the_program_compares_with_known_figures_and_draws(tmp_path, capsys):
    # Twelve people instead of 75, so that it takes no time.
    arguments = ["--only", "bottleneck", "--seeds", "2", "--json", "--out", str(tmp_path / "out"), *FEW]
    assert program.main(arguments) == 0
    figures = json.loads(capsys.readouterr().out)["figures"]
    flow = figures[0]
    assert flow["quantity"] == "flow [1/s]"
    assert flow["measured"] == 1.16
    assert flow["simulated"] == pytest.approx(np.mean(flow["seeds"]))
    assert flow["error"] == pytest.approx(flow["simulated"] / 1.16 - 1)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"figures.json", "figures.md", "gate_n_t.png"}


def test_missing_files_are_named(tmp_path, capsys):
    assert program.main(["--only", "unidirectional", "--data", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "uo-050-180-180.txt is missing" in said
    assert "uo-180-180-120.txt is missing" in said
    assert "10.34735/ped.2009.14" in said


def test_damaged_files_are_named(tmp_path, capsys):
    (tmp_path / "040_c_56_h-.txt").write_text("no trajectories\n")
    assert program.main(["--only", "bottleneck", "--data", str(tmp_path)]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_a_file_is_measured_and_compared_with_what_is_known(tmp_path):
    """Heads in single file through the gate, one every 0.5 s: 2 people/s, which is not the figure known."""
    rows = [
        f"{person}\t{frame}\t0.0\t{0.5 + 0.6 * (person // 3) + 0.2 * (person % 3) - 0.04 * frame:.4f}\t1.7"
        for person in range(12)
        for frame in range(120)
    ]
    (tmp_path / "040_c_56_h-.txt").write_text("# framerate: 25 fps\n" + "\n".join(rows) + "\n")
    comparison = compare(["bottleneck"], tmp_path, 1, FEW)
    flow = comparison.figures[0]
    assert flow.measured == pytest.approx(5.0, rel=0.02)  # 0.2 m apart at 1 m/s
    assert any("flow [1/s]" in text and "1.160" in text for text in comparison.changed)


def test_unknown_keys_are_refused(capsys):
    assert program.main(["--only", "bottleneck", "nonsense=3"]) == 2
    assert "nonsense" in capsys.readouterr().err


def test_the_table_in_a_page_is_replaced(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{tables.BEGIN}\nold\n{tables.END}\nafter\n")
    figure = Figure("bottleneck", "040_c_56_h-", "flow [1/s]", 1.16, None, (1.0, 1.2))
    comparison = Comparison((figure,), {}, {}, ())
    for _ in range(2):
        tables.refresh(page, comparison)
    text = page.read_text()
    assert "| 040_c_56_h- | flow [1/s] | 1.16 | - | 1.10 | 0.14 | -5% |" in text
    assert "old" not in text
    assert text.startswith("before\n")
    assert text.endswith(f"{tables.END}\nafter\n")
    (tmp_path / "empty.md").write_text("nothing\n")
    with pytest.raises(ValueError, match="has no lines"):
        tables.refresh(tmp_path / "empty.md", comparison)


def test_settings_become_overrides():
    keys = overrides_of(MODELS["collision_free_speed"], np.array([0.8, 4.0, 0.1, 0.17]), "adult")
    assert keys[:3] == ["movement.time_gap_s=0.8", "movement.neighbour_strength=4", "movement.neighbour_range_m=0.1"]
    assert keys[3:] == [
        "profiles.adult.body_radius_m.mean=0.17",
        "profiles.adult.body_radius_m.min=0.15",
        "profiles.adult.body_radius_m.max=0.19",
    ]


def test_a_fit_runs_from_end_to_end(tmp_path):
    out = tmp_path / "fit.json"
    arguments = ["--runs", bottleneck.RUN, "--parameters", "movement.time_gap_s", "--seeds", "2", "--points", "4"]
    assert calibrate([*arguments, "--rounds", "0", "--processes", "1", "--out", str(out), *FEW]) == 0
    report = json.loads(out.read_text())
    fitted = report["parameters"]["movement.time_gap_s"]
    assert 0.3 <= fitted["value"] <= 1.4
    assert fitted["sd_curvature"] > 0
    assert report["objective"]["fitted"] <= report["objective"]["own_parameters"]
    assert [row["quantity"] for row in report["observables"]] == ["flow [1/s]"]
