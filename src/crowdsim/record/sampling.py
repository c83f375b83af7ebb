"""Taking in where everyone is: the only part of recording that the simulating thread has to do itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from crowdsim.kernels.arrays import Crowd
from crowdsim.kernels.jit import kernel
from crowdsim.record.layout import GROUND_LEVEL, POSITION_RESOLUTION_M, SPEED_RESOLUTION_M_S

if TYPE_CHECKING:
    from crowdsim.model.crossing import Crossing

PER_METRE, PER_SPEED = 1 / POSITION_RESOLUTION_M, 1 / SPEED_RESOLUTION_M_S
METRE_PART, SPEED_PART = np.float32(POSITION_RESOLUTION_M), np.float32(SPEED_RESOLUTION_M_S)
"""Powers of two: multiplying by them rounds nothing."""

NO_SHEETS, NO_SHIFT = np.empty(0, np.int32), np.empty((0, 2))


@kernel
def copy_rounded(  # type: ignore[no-untyped-def]  # Numba's types
    crowd, rows, sheet, shift, first, id, x, y, speed
) -> None:
    """Write ids, positions [m] and speeds [m/s] of `rows` to the columns from `first` on, rounded as recorded.

    One pass over the records, which lie far apart in memory; a pass each column takes three times as long.

    Parameters
    ----------
    sheet, shift : each attendee's sheet of the venue, and the shift from the plan to each sheet; no sheets if the
        venue has one only, which lies where it is in the plan.
    """
    for k in range(rows.size):
        row = rows[k]
        person = crowd[row]
        here_x = person.x
        here_y = person.y
        if sheet.size > 0:
            here_x -= shift[sheet[row], 0]
            here_y -= shift[sheet[row], 1]
        id[first + k] = row
        x[first + k] = np.float32(np.rint(here_x * PER_METRE)) * METRE_PART
        y[first + k] = np.float32(np.rint(here_y * PER_METRE)) * METRE_PART
        speed[first + k] = np.float32(np.rint(person.speed * PER_SPEED)) * SPEED_PART


class Group:
    """Rows of the trajectories that go to disk together: sampled times as a whole, in order.

    Parameters
    ----------
    room : how many rows it takes.
    """

    def __init__(self, room: int) -> None:
        self.n_rows = 0
        self._time = np.empty(room)
        self._id = np.empty(room, np.int32)
        self._level = np.full(room, GROUND_LEVEL, np.int16)
        self._x, self._y, self._speed = (np.empty(room, np.float32) for _ in range(3))

    def take(self, time_s: float, crowd: Crowd, inside: NDArray[np.int32], crossing: Crossing | None = None) -> None:
        """Append a sampled time [s]: where those `inside` are, (m,) rows of the crowd, ascending."""
        first, last = self.n_rows, self.n_rows + inside.size
        sheet, shift = (crossing.sheet, crossing.shift) if crossing else (NO_SHEETS, NO_SHIFT)
        copy_rounded(crowd, inside, sheet, shift, first, self._id, self._x, self._y, self._speed)
        if crossing:
            self._level[first:last] = crossing.level[sheet[inside]]
        self._time[first:last] = time_s
        self.n_rows = last

    def columns(self) -> list[pa.Array]:
        """Return the rows as `TRAJECTORY_SCHEMA` has them, without copying."""
        columns = (self._time, self._id, self._level, self._x, self._y, self._speed)
        return [pa.array(column[: self.n_rows]) for column in columns]
