"""Fields of small grids kept in memory, for further runs that a process makes in the same venue."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import shapely
from numpy.typing import NDArray

from crowdsim.kernels.lattice import Lattice
from crowdsim.navigation.cache import hash_of, is_small
from crowdsim.navigation.grid import Grid
from crowdsim.venue import Area

MOST_FIELDS = 64
"""Fields kept (our choice), those of a few arms of a sweep: 20 MB at the most."""


@dataclass(frozen=True, slots=True)
class FieldMemory:
    """The fields of one grid that this process still has, used as `FieldCache` is.

    Attributes
    ----------
    grid_key : hash of all that a field depends on except for its goal.
    """

    _kept: ClassVar[OrderedDict[tuple[bytes, bytes], tuple[NDArray[np.uint8], float, float]]] = OrderedDict()

    grid_key: bytes

    @classmethod
    def for_grid(cls, grid: Grid, walkable: Area, lattice: Lattice) -> FieldMemory | None:
        """Return what is kept for a grid over a walkable area, sheets joined; None if its fields are too large."""
        return cls(hash_of(grid, walkable, lattice)) if is_small(grid) else None

    def load(self, goal: Area, packed: NDArray[np.uint8]) -> tuple[float, float] | None:
        """Fill a goal's part of `Fields.nodes` and return its `nearest` and `unit`; None if it is not kept."""
        found = self._kept.get((self.grid_key, shapely.to_wkb(goal)))
        if found is None:
            return None
        packed[:] = found[0]
        return found[1], found[2]

    def save(self, goal: Area, packed: NDArray[np.uint8], nearest: float, unit: float) -> None:
        """Keep a goal's field."""
        self._kept[self.grid_key, shapely.to_wkb(goal)] = packed.copy(), nearest, unit

    def trim(self) -> None:
        """Forget the fields that were kept first, until there are no more than `MOST_FIELDS`."""
        while len(self._kept) > MOST_FIELDS:
            self._kept.popitem(last=False)
