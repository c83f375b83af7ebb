"""Animations: everyone where they are at the time shown, pictures of the right number and length, clear refusals."""

import json
import shutil
import subprocess

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from levels import RUN_M, two_halls, way
from matplotlib.colors import to_rgb
from measure.runs import write_run
from PIL import Image

from crowdsim.errors import MissingExtraError, RunFolderError
from crowdsim.report.animation import Wish, animate, find_problems
from crowdsim.report.animation.moments import moments
from crowdsim.report.animation.stage import Stage
from crowdsim.report.animation.video import FFMPEG, find_ffmpeg
from crowdsim.report.colourings import COLOURINGS, DENSITY, GROUP_COLOURS, SPEED, group_colours
from crowdsim.report.progress import say_nothing
from crowdsim.simulate import run
from report.replays import UNTIL_S, walkers
from report.venues import room


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    return walkers(tmp_path_factory.mktemp("animated"))


@given(times=st.lists(st.floats(0, UNTIL_S), min_size=1, max_size=6).map(sorted))
def test_everyone_is_where_they_are_at_any_time(walked, times):
    recording, people = walked
    interval = recording.sample_interval_s
    for time_s, frame in zip(times, moments(recording, times), strict=True):
        assert frame.time_s == time_s
        sampled = np.floor(time_s / interval) * interval
        assert frame.id.tolist() == [k for k, p in enumerate(people) if p.entry_s <= sampled < p.exit_s]
        for id, x, y in zip(frame.id, frame.x, frame.y, strict=True):
            gone = people[id].exit_s <= sampled + interval  # not in the next sample: stays where it was
            expected = people[id].at(sampled if gone else time_s)
            assert (x, y) == pytest.approx(expected, abs=1e-5)  # single precision


def test_nobody_is_shown_while_nobody_is_inside(tmp_path):
    recording, people = walkers(tmp_path)
    alone = write_run(tmp_path / "alone", recording.scenario, people[1:2], until_s=UNTIL_S)  # inside from 20 to 90 s
    shown = [frame.id.size for frame in moments(alone, [0.0, 19.9, 20.0, 89.9, 90.5, 200.0])]
    assert shown == [0, 0, 1, 1, 0, 0]


def test_nobody_flies_from_one_level_to_the_other(tmp_path):
    scene = two_halls(way("stair", "stair", (12, 5), (12 + RUN_M, 5)), count=10, output={"plots": False})
    recording = run(scene, tmp_path / "run").recording
    area = recording.venue.walkable.buffer(1.0)
    for frame in moments(recording, np.arange(0.0, recording.simulated_s, 0.2).tolist()):
        assert shapely.contains_xy(area, frame.x, frame.y).all()


def test_people_are_drawn_where_they_are_in_their_colour(walked):
    recording, _ = walked
    stage = Stage(recording, "speed")
    (frame,) = moments(recording, [45.0])
    picture = stage.draw(frame).copy()
    assert picture.shape == (*stage.size_px[::-1], 4)
    places = stage._map.transData.transform(np.column_stack([frame.x, frame.y]))
    for (x, y), k in zip(places, SPEED.pick(frame.speed), strict=True):
        pixel = picture[round(picture.shape[0] - y), round(x), :3]
        assert pixel == pytest.approx(np.multiply(to_rgb(SPEED.colours[k]), 255), abs=2)
    nobody = frame._replace(**{name: getattr(frame, name)[:0] for name in ("id", "x", "y", "speed", "level")})
    assert (stage.draw(nobody) != picture).any()


@pytest.mark.parametrize("colour", ["density", "service", "group"])
def test_other_colourings_draw_too(walked, colour):
    recording, _ = walked
    stage = Stage(recording, colour)
    (frame,) = moments(recording, [45.0])
    before = stage.draw(frame).copy()
    assert {tuple(c) for c in before.reshape(-1, 4)[::7]} > {(255, 255, 255, 255)}


def test_classes_begin_at_their_steps():
    assert DENSITY.pick(np.array([0.0, 0.49, 0.5, 5.99, 6.0, 100.0, np.nan])).tolist() == [0, 0, 1, 6, 7, 7, 0]
    for way_ in COLOURINGS.values():
        assert len(way_.key) == len(way_.colours) == len(way_.steps)
    assert group_colours("abcdefg") == (*GROUP_COLOURS, GROUP_COLOURS[0])


def test_a_still_is_of_the_time_asked_for_or_of_the_densest(hall_run, tmp_path):
    def still(name, from_s):
        animate(hall_run.recording, Wish(tmp_path / name, from_s=from_s), say_nothing)
        return np.asarray(Image.open(tmp_path / name))

    densest = hall_run.summary["density"]["at"]["time_s"]
    assert (still("a.png", None) == still("b.png", densest)).all()
    assert (still("a.png", None) != still("c.png", densest + 5)).any()


def test_a_gif_has_its_pictures_and_lasts_as_long_as_asked(hall_run, tmp_path):
    wish = Wish(tmp_path / "run.gif", speed=20, from_s=0, to_s=20, fps=10)
    made = animate(hall_run.recording, wish, say_nothing)
    with Image.open(made.path) as image:
        assert image.n_frames == made.pictures == 11  # 20 s at 20 times their speed, 10 a second, both ends
        assert image.info["duration"] == 100
    assert made.size == made.path.stat().st_size


@pytest.mark.ffmpeg
def test_a_film_has_its_pictures_and_plays_everywhere(hall_run, tmp_path):
    made = animate(hall_run.recording, Wish(tmp_path / "run.mp4", speed=20, to_s=20, fps=12), say_nothing)
    show = ["-show_entries", "stream=codec_name,pix_fmt,nb_frames,width,height", "-of", "json"]
    told = json.loads(subprocess.check_output(["ffprobe", "-v", "error", *show, made.path]))["streams"][0]
    assert (told["codec_name"], told["pix_fmt"]) == ("h264", "yuv420p")
    assert int(told["nb_frames"]) == made.pictures == 13
    assert told["width"] % 2 == told["height"] % 2 == 0


@pytest.mark.ffmpeg
def test_what_ffmpeg_cannot_write_is_told(hall_run, tmp_path):
    with pytest.raises(RunFolderError, match=r"ffmpeg could not write it .*No such file"):
        animate(hall_run.recording, Wish(tmp_path / "missing" / "run.mp4", to_s=5), say_nothing)


def test_without_ffmpeg_it_says_what_to_do(hall_run, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None if name == FFMPEG else name)
    with pytest.raises(MissingExtraError, match=r"ffmpeg, which is not installed .*or name a \.gif file"):
        find_ffmpeg()
    with pytest.raises(MissingExtraError):
        animate(hall_run.recording, Wish(tmp_path / "run.mp4"), say_nothing)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["run.gif", "run.png"])
def test_files_that_cannot_be_written_are_told(hall_run, tmp_path, name):
    with pytest.raises(RunFolderError, match="cannot be written"):
        animate(hall_run.recording, Wish(tmp_path / "missing" / name, to_s=5), say_nothing)


def test_every_wrong_option_is_told(tmp_path):
    wish = Wish(tmp_path / "a.avi", speed=0, from_s=-1, to_s=700, colour="sped", fps=0)
    told = [str(problem) for problem in find_problems(wish, 600.0)]
    for where in ("--out: found 'a.avi'", "--speed: found 0", "--fps: found 0", "--from: found -1", "--to: found 700"):
        assert [text for text in told if where in text], where
    assert any("did you mean 'speed'?" in text for text in told)
    (text,) = map(str, find_problems(Wish(tmp_path / "a.mp4", from_s=5, to_s=5), 600.0))
    assert "--from and --to: found 5 and 5" in text
    (text,) = map(str, find_problems(Wish(tmp_path / "a.gif", speed=1), 600.0))
    assert "a GIF of 6,001 pictures; allowed: at most 600: --speed 11" in text
    assert not find_problems(Wish(tmp_path / "a.gif", speed=11), 600.0)
    assert not find_problems(Wish(tmp_path / "a.png", from_s=600), 600.0)


def test_an_empty_run_can_be_animated(tmp_path):
    recording = write_run(tmp_path / "run", room(), [], until_s=10.0)
    made = animate(recording, Wish(tmp_path / "a.gif"), say_nothing)
    assert made.pictures == 11
