"""The replay holds what the run recorded, to the precision it states."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from levels import RUN_M, two_halls, way
from measure.runs import write_run

from crowdsim.kernels.maps import CUT_OFF, spread_people
from crowdsim.measure.grid import DensityGrid
from crowdsim.record import Recording
from crowdsim.record.recording import Frame
from crowdsim.report.replay import make_replay, thinning
from crowdsim.report.replay.chunks import CHUNK_FRAMES, chunk_count, origin_m, read_chunks
from crowdsim.report.replay.packing import pack
from crowdsim.report.replay.people import pack_events, pack_people
from crowdsim.report.replay.scene import COVER_STEPS, describe_scene, pack_grid
from crowdsim.report.replay.thinning import Thinning, choose_thinning
from crowdsim.simulate import run
from report.replays import UNTIL_S, positions, unpacked, walkers
from report.venues import room


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    return walkers(tmp_path_factory.mktemp("walked"))[0]


def replayed(recording, thin):
    """Return where the replay has whom, by person and frame; frames in two chunks are the same in both."""
    found = {}
    chunks = list(read_chunks(recording, thin))
    assert len(chunks) == chunk_count(recording, thin)
    for number, chunk in enumerate(chunks):
        for person, index, x, y in positions(chunk):
            key = person * thin.one_in, number * CHUNK_FRAMES + index
            assert found.setdefault(key, (x, y)) == (x, y)
    left, bottom = origin_m(recording)
    return {key: (left + x * thin.unit_m, bottom + y * thin.unit_m) for key, (x, y) in found.items()}


@pytest.mark.parametrize("thin", [Thinning(1, 0.5, 1, 0.1), Thinning(3, 1.5, 1, 0.1), Thinning(2, 1.0, 3, 0.5)])
def test_every_position_comes_back_to_the_stated_precision(walked, thin):
    got = replayed(walked, thin)
    expected = {
        (int(id), round(frame.time_s / thin.frame_s)): (x, y)
        for frame in walked.frames()
        if round(frame.time_s / 0.5) % thin.every == 0
        for id, x, y in zip(frame.id, frame.x, frame.y, strict=True)
        if id % thin.one_in == 0
    }
    assert got.keys() == expected.keys()
    apart = np.array([np.subtract(got[key], expected[key]) for key in got])
    assert np.abs(apart).max() <= thin.unit_m / 2 + 1e-9
    assert len(got) > 300


def test_a_simulated_run_comes_back_too(hall_run):
    recording = hall_run.recording
    thin = choose_thinning(recording)
    got = replayed(recording, thin)
    assert len(got) == recording.rows - _off_grid(recording)
    for frame in list(recording.frames())[::9]:
        for id, x, y in zip(frame.id, frame.x, frame.y, strict=True):
            assert got[int(id), round(frame.time_s / thin.frame_s)] == pytest.approx((x, y), abs=thin.unit_m / 2 + 1e-9)


def _off_grid(recording):
    return sum(f.id.size for f in recording.frames() if abs(f.time_s / 0.5 - round(f.time_s / 0.5)) > 1e-6)


def test_pieces_end_where_people_change_levels_or_are_not_there(walked):
    def frame(time_s, level):
        one = np.ones(1)
        return Frame(time_s, np.array([4], np.int32), one * time_s, one, one, np.array([level], np.int16))

    class Made(Recording):
        def frames(self, between=None):
            return iter([frame(0.0, 0), frame(0.5, 0), frame(1.0, 1), frame(2.0, 1)])

    chunk = unpacked(next(iter(read_chunks(Made(walked.folder), Thinning(1, 0.5, 1, 0.1)))))
    assert chunk["first"].tolist() == [0, 2, 4]
    assert chunk["count"].tolist() == [2, 1, 1]
    assert chunk["person"].tolist() == [4, 4, 4]


def counted(rows, interval_s, extent_m):
    """Return of a recording what the thinning looks at."""
    walkable = SimpleNamespace(bounds=(0.0, 0.0, extent_m, 50.0))
    return SimpleNamespace(rows=rows, sample_interval_s=interval_s, venue=SimpleNamespace(walkable=walkable))


@given(
    rows=st.integers(0, 10**10),
    interval_s=st.sampled_from([0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0]),
)
def test_thinning_keeps_the_budget_and_the_sampling_grid(rows, interval_s):
    thin = choose_thinning(counted(rows, interval_s, 100.0))
    assert rows / thin.every / thin.one_in <= thinning.MOST_POINTS
    assert thin.frame_s == pytest.approx(thin.every * interval_s)
    assert thin.frame_s <= max(thinning.LONGEST_FRAME_S, interval_s) + 1e-9
    if thin.one_in > 1:  # attendees are left out only when frames are as far apart as they may be
        assert thin.frame_s + interval_s > thinning.LONGEST_FRAME_S


def test_large_venues_have_larger_units():
    assert 20_000 / choose_thinning(counted(10, 1.0, 20_000.0)).unit_m < thinning.MOST_UNITS


def test_people_and_their_events_come_back(hall_run):
    recording = hall_run.recording
    for one_in in (1, 4):
        thin = Thinning(1, 0.5, one_in, 0.1)
        names, people = pack_people(recording, thin)
        columns = unpacked(people)
        rows = recording.attendees.to_pylist()[::one_in]
        assert len(rows) == columns["entry_s"].size
        for k, row in enumerate(rows):
            assert columns["exit_s"][k] == pytest.approx(row["exit_s"], abs=1e-3)
            assert columns["free_speed"][k] == pytest.approx(row["free_speed"], abs=1e-6)
            assert names["group"][columns["group"][k]] == row["group"]
            assert names["profile"][columns["profile"][k]] == row["profile"]
        words, events = pack_events(recording, thin)
        columns = unpacked(events)
        ends = np.cumsum(columns["count"].astype(int))
        told = recording.events().to_pylist()
        for k, end in list(enumerate(ends))[::13]:
            begin = end - columns["count"][k]
            got = [
                (pytest.approx(float(t), abs=1e-3), words["kind"][kind], words["place"][place])
                for t, kind, place in zip(*(columns[c][begin:end] for c in ("time_s", "kind", "place")), strict=True)
            ]
            assert [(e["time"], e["event"], e["place"]) for e in told if e["id"] == k * one_in] == got


def test_who_never_left_has_no_time_of_leaving(walked):
    _, people = pack_people(walked, Thinning(1, 0.5, 1, 0.1))
    assert np.isnan(unpacked(people)["exit_s"]).tolist() == [False] * 6 + [True] * 2


def test_nobody_makes_an_empty_replay(tmp_path):
    recording = write_run(tmp_path, room(), [], until_s=40.0)
    replay = make_replay(recording)
    assert replay.head["frames"] == 81
    assert [unpacked(chunk)["person"].size for chunk in replay.read_chunks()] == [0, 0]


def test_the_grid_is_that_of_the_measure(walked):
    told, packed = pack_grid(walked, Thinning(1, 0.5, 1, 0.1))
    assert told["as_measured"]
    grid = DensityGrid(walked.venue.walkable, told["cell_m"], told["sd_m"])
    cover = unpacked(packed)["cover"].reshape(grid.shape) / COVER_STEPS
    assert (cover > 0).tolist() == grid.walkable.tolist()
    assert cover[grid.walkable] == pytest.approx(grid.cover[grid.walkable], abs=0.5 / COVER_STEPS)


def test_a_thinned_crowd_reads_the_density_of_the_whole(walked):
    """An even lattice of 4 /m2, of which a quarter is shown, each for four, reads 4 /m2 on the wider Gaussian."""
    told, _ = pack_grid(walked, Thinning(1, 0.5, 4, 0.1))
    assert told["sd_m"] == 2 * 0.5
    assert not told["as_measured"]
    grid = DensityGrid(walked.venue.walkable, told["cell_m"], told["sd_m"])
    x, y = (v.ravel() for v in np.meshgrid(np.arange(0.5, 40, 1.0), np.arange(0.5, 20, 1.0)))
    out = np.zeros((grid.cover.size, 1))
    touched = np.empty(grid.cover.size, np.int64)
    spread_people(x, y, np.full((x.size, 1), 4.0), grid.origin, grid.cell_m, grid.sd_m, grid.shape[1], out, touched)
    density = (out[:, 0] / grid.cover.ravel()).reshape(grid.shape)
    reach = 2 * math.ceil(CUT_OFF * grid.sd_m / grid.cell_m) + 2  # beside the walls, and as far as they are felt
    inner = density[reach:-reach, reach:-reach]
    assert inner.size > 300
    assert inner == pytest.approx(np.full(inner.shape, 4.0), rel=2e-6)  # a lattice of 1 m under a Gaussian of 1 m


def test_levels_lie_beside_each_other_in_the_scene(tmp_path):
    scene = two_halls(way("stair", "stair", (12, 5), (12 + RUN_M, 5)), count=10, output={"plots": False})
    recording = run(scene, tmp_path / "run").recording
    told = describe_scene(recording.venue)
    assert len(told["levels"]) == 2
    (a, b) = (level["bounds"] for level in told["levels"])
    assert a[2] < b[0] or a[3] < b[1]
    assert replayed(recording, choose_thinning(recording))


def test_only_types_that_pages_know_are_packed():
    with pytest.raises(ValueError, match="'wide' is of type <f8"):
        pack({"wide": np.zeros(3)})


def test_the_last_frame_is_not_after_the_end(walked):
    assert make_replay(walked).head["frames"] == UNTIL_S / 0.5 + 1
