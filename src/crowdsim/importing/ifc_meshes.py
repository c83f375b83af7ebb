"""Shapes of a building model's elements as triangles, from a process of its own: the library can break off at one."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Timer
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

MOST_RESTARTS = 20
"""Elements that may break the library off before the rest is left out, too (our choice)."""

PATIENCE_S = 120.0
"""How long the library may take for one element before it is broken off (our choice; most take milliseconds)."""

BROKE_OFF = "the geometry library broke off at their shapes"
NO_SHAPE = "their shapes could not be computed"


class Meshes:
    """The shapes of a file's elements; a context manager."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._child: subprocess.Popen[bytes] | None = None
        self._restarts = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop()

    def of(self, number: int) -> NDArray[np.float64] | str:
        """Return the triangles of the element of that number in the file, or why there are none.

        They are of shape (n, 3, 3), triangle, corner, coordinate, in the world's coordinates [m].
        """
        if self._restarts > MOST_RESTARTS:
            return BROKE_OFF
        child = self._child or self._start()
        patience = Timer(PATIENCE_S, child.kill)
        try:
            patience.start()
            corners = _answer_of(child, number)
        except (EOFError, OSError, pickle.UnpicklingError):
            self._stop()
            self._restarts += 1
            return BROKE_OFF
        finally:
            patience.cancel()
        return NO_SHAPE if corners is None else corners

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", __name__, str(self._path)]
        self._child = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        with suppress(EOFError):  # it breaks off at every element then
            _answer_of(self._child)
        return self._child

    def _stop(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None


def _answer_of(child: subprocess.Popen[bytes], number: int | None = None) -> NDArray[np.float64] | None:
    """Return a process's next answer, of an element that is asked for; raises EOFError if it breaks off."""
    if child.stdin is None or child.stdout is None:
        raise EOFError
    if number is not None:
        child.stdin.write(f"{number}\n".encode())
        child.stdin.flush()
    answer: NDArray[np.float64] | None = pickle.load(child.stdout)
    return answer


def triangles(geometry: Any, settings: Any, element: Any) -> NDArray[np.float64] | None:
    """Return an element's triangles, of shape (n, 3, 3); None if the library cannot make them."""
    try:
        shape = geometry.create_shape(settings, element)
        points = np.array(shape.geometry.verts, dtype=float).reshape(-1, 3)
        corners = points[np.array(shape.geometry.faces, dtype=int).reshape(-1, 3)]
    except Exception:
        return None
    return corners if len(corners) and np.isfinite(corners).all() else None


def _answer(path: str, questions: Iterable[str]) -> Iterator[NDArray[np.float64] | None]:
    import ifcopenshell  # noqa: PLC0415
    import ifcopenshell.geom  # noqa: PLC0415

    model = ifcopenshell.open(path)
    settings = ifcopenshell.geom.settings()
    settings.set("use-world-coords", True)
    yield None  # ready
    for question in questions:
        yield triangles(ifcopenshell.geom, settings, model.by_id(int(question)))


def _serve() -> None:
    """Answer numbers of elements on standard input with their triangles on what was standard output."""
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answers:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the library prints
        for corners in _answer(sys.argv[1], sys.stdin):
            pickle.dump(corners, answers, protocol=pickle.HIGHEST_PROTOCOL)
            answers.flush()


if __name__ == "__main__":
    _serve()
