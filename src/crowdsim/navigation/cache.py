"""Fields kept on disk, so that a venue's next run need not compute them again."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import platformdirs
import shapely
from numpy.typing import NDArray

from crowdsim import kernels
from crowdsim.kernels.lattice import Lattice
from crowdsim.navigation.grid import Grid
from crowdsim.venue import Area

VARIABLE = "CROWDSIM_FIELD_CACHE"
"""Environment variable: the folder for fields, or `off` to keep none."""

KEEP_FROM_NODES = 100_000
"""Fields on fewer nodes are kept in memory only: computing one takes less than 10 ms then, reading it 0.5 ms."""

MOST_BYTES = 2 * 2**30
"""The folder does not hold more: the fields that have not been used for the longest are removed."""

SUFFIX = ".npz"


@cache
def _version() -> bytes:
    """Return a hash of the code that makes fields: what another version has kept is not used."""
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for folder in (here, Path(str(kernels.__file__)).parent):
        for path in sorted(folder.glob("*.py")):
            digest.update(path.read_bytes())
    return digest.digest()


def _folder() -> Path | None:
    chosen = os.environ.get(VARIABLE, "")
    if chosen.lower() == "off":
        return None
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("crowdsim", appauthor=False)) / "fields"


def is_small(grid: Grid) -> bool:
    """Return whether the fields of a grid are too small to be kept on disk."""
    return int(np.count_nonzero(grid.free)) < KEEP_FROM_NODES


def hash_of(grid: Grid, walkable: Area, lattice: Lattice) -> bytes:
    """Return a hash of all that a field depends on except for its goal."""
    digest = hashlib.sha256(_version())
    place = grid.origin_x_m, grid.origin_y_m, *grid.free.shape
    digest.update(np.array([grid.clearance_m, grid.step_m, *place]).tobytes())
    digest.update(shapely.to_wkb(walkable))
    for joints in (lattice.cost, lattice.same_from, lattice.same, lattice.extra, lattice.lines):
        digest.update(joints.tobytes())
    return digest.digest()


@dataclass(frozen=True, slots=True)
class FieldCache:
    """The fields kept for one grid.

    Attributes
    ----------
    folder : where the fields of all grids are kept.
    grid_key : hash of all that a field depends on except for its goal.
    """

    folder: Path
    grid_key: bytes

    @classmethod
    def for_grid(cls, grid: Grid, walkable: Area, lattice: Lattice) -> FieldCache | None:
        """Return the cache for a grid over a walkable area, sheets joined; None if fields are not to be kept."""
        folder = _folder()
        if folder is None or is_small(grid):
            return None
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            return None
        return cls(folder, hash_of(grid, walkable, lattice))

    def load(self, goal: Area, packed: NDArray[np.uint8]) -> tuple[float, float] | None:
        """Fill a goal's part of `Fields.nodes` and return its `nearest` and `unit`; None if it is not kept."""
        path = self._path(goal)
        try:
            with np.load(path) as kept:  # checks the sums of what it reads
                nodes, scale = kept["nodes"], kept["scale"]
            if nodes.shape != packed.shape or nodes.dtype != packed.dtype or scale.shape != (2,):
                return None
        except Exception:  # broken, cut off, or none of ours: whatever it is, the field is computed again
            return None
        packed[:] = nodes
        with contextlib.suppress(OSError):
            os.utime(path)  # used now: among the last to be removed
        return float(scale[0]), float(scale[1])

    def save(self, goal: Area, packed: NDArray[np.uint8], nearest: float, unit: float) -> None:
        """Keep a goal's field; where that fails, it is computed again next time."""
        path = self._path(goal)
        temporary = None
        try:
            with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".part", delete=False) as file:
                temporary = Path(file.name)
                np.savez(file, nodes=packed, scale=np.array([nearest, unit]))
            temporary.replace(path)
        except OSError:
            if temporary:
                with contextlib.suppress(OSError):
                    temporary.unlink(missing_ok=True)

    def trim(self) -> None:
        """Remove the fields that have not been used for the longest, until the folder holds no more than it may."""
        with contextlib.suppress(OSError):
            files = []
            for path in self.folder.iterdir():
                if path.suffix in (SUFFIX, ".part"):
                    with contextlib.suppress(OSError):  # another process removed it
                        status = path.stat()
                        files.append((status.st_mtime, status.st_size, path))
            held = sum(size for _, size, _ in files)
            for _, size, path in sorted(files):
                if held <= MOST_BYTES:
                    break
                with contextlib.suppress(OSError):
                    path.unlink()
                    held -= size

    def _path(self, goal: Area) -> Path:
        digest = hashlib.sha256(self.grid_key)
        digest.update(shapely.to_wkb(goal))
        return self.folder / (digest.hexdigest() + SUFFIX)
