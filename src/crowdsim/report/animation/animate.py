"""A run as a moving picture."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from crowdsim.errors import Problem, suggest
from crowdsim.record.layout import SUMMARY
from crowdsim.record.recording import Recording
from crowdsim.report.animation.moments import moments
from crowdsim.report.animation.stage import Stage
from crowdsim.report.animation.video import Picture, write_gif, write_mp4, write_png
from crowdsim.report.colourings import WAYS
from crowdsim.report.progress import Say

MP4, GIF, PNG = ".mp4", ".gif", ".png"
SUFFIXES = (MP4, GIF, PNG)

DEFAULT_SPEED = 10.0
DEFAULT_FPS = {MP4: 24.0, GIF: 10.0, PNG: 1.0}
"""Film's, and what GIFs can do with files that stay small; a still has none."""

MOST_FPS = {MP4: 60.0, GIF: 50.0, PNG: 60.0}
"""Screens show no more; times in a GIF are in hundredths of a second, and browsers slow down below two."""

MOST_GIF_PICTURES = 600
"""All pictures of a GIF are in memory while it is written: this many take about half a gigabyte (our choice)."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for; None where it is left to us.

    Attributes
    ----------
    speed : seconds of the run in a second of the picture.
    from_s, to_s : what part of the run [s].
    colour : what people are coloured by, of `WAYS`.
    fps : pictures a second.
    """

    out: Path
    speed: float = DEFAULT_SPEED
    from_s: float | None = None
    to_s: float | None = None
    colour: str = "speed"
    fps: float | None = None

    @property
    def suffix(self) -> str:
        """What kind of file it is to be."""
        return self.out.suffix.lower()


@dataclass(frozen=True, slots=True)
class Animation:
    """An animation on disk: where, how large [bytes], and how many pictures."""

    path: Path
    size: int
    pictures: int


def find_problems(wish: Wish, end_s: float) -> list[Problem]:
    """Return everything wrong with what is asked for of a run that ends at a time [s]."""

    def problem(where: str, found: str, allowed: str) -> Problem:
        return Problem("command line", where, found, allowed)

    found = []
    if wish.suffix not in SUFFIXES:
        found.append(problem("--out", repr(wish.out.name), f"a name that ends in {', '.join(SUFFIXES)}"))
    if not (math.isfinite(wish.speed) and wish.speed > 0):
        found.append(problem("--speed", f"{wish.speed:g}", "a number above 0, such as 10: ten times as fast as real"))
    most = MOST_FPS.get(wish.suffix, MOST_FPS[MP4])
    if wish.fps is not None and not 0 < wish.fps <= most:
        found.append(problem("--fps", f"{wish.fps:g}", f"pictures a second, up to {most:g}"))
    if wish.colour not in WAYS:
        found.append(problem("--colour", repr(wish.colour), suggest(wish.colour, WAYS)))
    from_s, to_s = wish.from_s or 0.0, end_s if wish.to_s is None else wish.to_s
    if not 0 <= from_s <= end_s:
        found.append(problem("--from", f"{from_s:g}", f"a time of the run: 0 to {end_s:g} s"))
    if not 0 <= to_s <= end_s:
        found.append(problem("--to", f"{to_s:g}", f"a time of the run: 0 to {end_s:g} s"))
    if from_s >= to_s and wish.suffix != PNG:
        found.append(problem("--from and --to", f"{from_s:g} and {to_s:g}", "a --to that is later than --from"))
    if not found and wish.suffix == GIF and (n := len(_times(wish, end_s))) > MOST_GIF_PICTURES:
        faster = math.ceil(wish.speed * n / MOST_GIF_PICTURES)
        allowed = f"at most {MOST_GIF_PICTURES}: --speed {faster}, a shorter part of the run, or an .mp4 file"
        found.append(problem("--out", f"a GIF of {n:,} pictures", allowed))
    return found


def animate(recording: Recording, wish: Wish, say: Say) -> Animation:
    """Draw a run as a moving picture, or a moment of it as a still.

    A still is of `from_s`, or else of when and where the highest density was. Memory does not grow with the length of
    the run, but for GIFs.

    Raises
    ------
    RunFolderError
        If the run cannot be read, or the file not be written; no half file is left.
    MissingExtraError
        If ffmpeg is needed and missing.
    """
    still = wish.suffix == PNG
    times = [_still_time(recording, wish)] if still else _times(wish, recording.simulated_s)
    say("drawing the plan", None)
    stage = Stage(recording, wish.colour)
    beside = wish.out.with_name(f".{wish.out.name}.part")
    pictures = _pictures(recording, stage, times, say)
    fps = wish.fps or DEFAULT_FPS[wish.suffix]
    try:
        if still:
            write_png(next(pictures), beside)
        elif wish.suffix == GIF:
            write_gif(pictures, fps, beside)
        else:
            write_mp4(pictures, stage.size_px, fps, beside)
        beside.replace(wish.out)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
    return Animation(wish.out, wish.out.stat().st_size, len(times))


def _pictures(recording: Recording, stage: Stage, times: list[float], say: Say) -> Iterator[Picture]:
    for k, frame in enumerate(moments(recording, times)):
        say("drawing", k / len(times))
        yield stage.draw(frame)


def _times(wish: Wish, end_s: float) -> list[float]:
    """Return the times of the pictures [s]."""
    fps = wish.fps or DEFAULT_FPS[wish.suffix]
    from_s, to_s = wish.from_s or 0.0, end_s if wish.to_s is None else wish.to_s
    count = int((to_s - from_s) * fps / wish.speed + 1e-9) + 1
    return [from_s + k * wish.speed / fps for k in range(count)]


def _still_time(recording: Recording, wish: Wish) -> float:
    """Return the time of a still: that asked for, or that of the highest density."""
    if wish.from_s is not None:
        return wish.from_s
    try:
        at = json.loads((recording.folder / SUMMARY).read_text(encoding="utf-8"))["density"]["at"]
        return float(at["time_s"])
    except (OSError, ValueError, KeyError, TypeError):  # no summary, or nobody came: any time will do
        return 0.0
