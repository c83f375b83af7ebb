"""Writing pictures one after another as MP4 or GIF."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from crowdsim.errors import MissingExtraError, RunFolderError

Picture = NDArray[np.uint8]

FFMPEG = "ffmpeg"

COLOURS = 128
"""Colours of a GIF: fewer would blur the plan's greys (our choice)."""


def find_ffmpeg() -> str:
    """Return the path of ffmpeg; raises MissingExtraError if it is not installed."""
    path = shutil.which(FFMPEG)
    if path is None:
        msg = (
            "writing MP4 needs the program ffmpeg, which is not installed (apt-get install ffmpeg, or "
            "brew install ffmpeg); or name a .gif file with --out"
        )
        raise MissingExtraError(msg)
    return path


def write_mp4(pictures: Iterator[Picture], size_px: tuple[int, int], fps: float, out: Path) -> None:
    """Write pictures, (height, width, 4) each, as H.264, which every player knows.

    Raises
    ------
    MissingExtraError
        Without ffmpeg.
    RunFolderError
        If the file cannot be written.
    """
    width, height = size_px
    arguments = [
        *(find_ffmpeg(), "-y", "-loglevel", "error"),
        *("-f", "rawvideo", "-pix_fmt", "rgba", "-s", f"{width}x{height}", "-r", f"{fps:g}", "-i", "-"),
        # Players want 4:2:0, for which width and height are to be even.
        *("-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2:color=white", "-pix_fmt", "yuv420p", "-c:v", "libx264"),
        *("-movflags", "+faststart", "-f", "mp4", str(out)),
    ]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stderr
        try:
            for picture in pictures:
                process.stdin.write(np.ascontiguousarray(picture).tobytes())
        except BrokenPipeError:  # it says below why it ended
            pass
        except BaseException:
            process.kill()
            raise
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
        said = process.stderr.read().decode(errors="replace").strip()
    if process.returncode:
        msg = f"{out}: ffmpeg could not write it ({said.splitlines()[-1] if said else f'code {process.returncode}'})"
        raise RunFolderError(msg)


def write_gif(pictures: Iterator[Picture], fps: float, out: Path) -> None:
    """Write pictures as a GIF that repeats; raises RunFolderError if the file cannot be written."""
    first = next(pictures)
    palette = _image(first).quantize(COLOURS)
    frames = (_image(picture).quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures)
    try:
        palette.save(
            out, format="GIF", save_all=True, append_images=frames, duration=round(1000 / fps), loop=0, disposal=1
        )
    except OSError as error:
        msg = f"{out}: cannot be written ({error.strerror or error})"
        raise RunFolderError(msg) from error


def write_png(picture: Picture, out: Path) -> None:
    """Write one picture; raises RunFolderError if the file cannot be written."""
    try:
        _image(picture).save(out, format="PNG")
    except OSError as error:
        msg = f"{out}: cannot be written ({error.strerror or error})"
        raise RunFolderError(msg) from error


def _image(picture: Picture) -> Image.Image:
    return Image.fromarray(picture[:, :, :3].copy())
