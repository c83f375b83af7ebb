"""Seams between the sheets of a venue: people step across them, and see each other across them.

Those near a seam are mirrored: beyond the line stand images of those who are on the other sheet. An image is a row
of the crowd after those of all attendees; it is made anew before every step and moved like anyone, to no effect.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from crowdsim.kernels.arrays import TO_SPOT, Crowd, Float64, Int32, UInt8
from crowdsim.kernels.jit import inlined_kernel, kernel

BACK_M = 1e-6
"""Those who may not cross a line are put back this far before it."""


class Seams(NamedTuple):
    """The lines at which people step from one sheet onto another; K is the number of profiles.

    Attributes
    ----------
    ax, ay, bx, by : (S,) end points; what is beyond lies to the left.
    shift_x, shift_y : (S,) from beyond the line to the same place on the other sheet [m].
    leads : (S,) the other sheet.
    pace : (K, S) free speed beyond over that on the level; 0 for those who may not cross.
    room : (S,) how many more may cross now.
    shut : (S,) whether nobody sees across.
    belt : (S,) free speed beyond [m/s]; 0 where `pace` says it.
    start : (columns * rows + 1,) where each cell's list begins in `near`; row-major.
    near : the seams within reach of any point of a cell.
    origin_x, origin_y, size, columns, rows : the cells.
    """

    ax: Float64
    ay: Float64
    bx: Float64
    by: Float64
    shift_x: Float64
    shift_y: Float64
    leads: Int32
    pace: Float64
    belt: Float64
    room: Int32
    shut: UInt8
    start: Int32
    near: Int32
    origin_x: float
    origin_y: float
    size: float
    columns: int
    rows: int


@inlined_kernel
def find_seams(seams: Seams, x: float, y: float) -> tuple[int, int]:
    """Return the range of `seams.near` that lists the seams near a point."""
    column = min(max(int((x - seams.origin_x) / seams.size), 0), seams.columns - 1)
    row = min(max(int((y - seams.origin_y) / seams.size), 0), seams.rows - 1)
    cell = row * seams.columns + column
    return seams.start[cell], seams.start[cell + 1]


@inlined_kernel
def place_at(seams: Seams, s: int, x: float, y: float) -> tuple[float, float, float]:
    """Return how far a point is along a seam, how far beyond it, and the seam's length [m]."""
    dx = seams.bx[s] - seams.ax[s]
    dy = seams.by[s] - seams.ay[s]
    length = math.sqrt(dx * dx + dy * dy)
    off_x = x - seams.ax[s]
    off_y = y - seams.ay[s]
    return (off_x * dx + off_y * dy) / length, (dx * off_y - dy * off_x) / length, length


@kernel
def mirror_people(crowd: Crowd, present: Int32, seams: Seams, reach: float, images: Crowd) -> int:
    """Fill `images` with those present who are within reach of a seam, where others beyond it see them.

    Parameters
    ----------
    reach : how far apart people matter to each other at most [m].

    Returns
    -------
    count : how many there are, whether or not there was room for all.
    """
    count = 0
    for i in present:
        x = crowd.x[i]
        y = crowd.y[i]
        first, last = find_seams(seams, x, y)
        for k in range(first, last):
            s = seams.near[k]
            if seams.shut[s]:
                continue
            along, beyond, length = place_at(seams, s, x, y)
            aside = max(-along, along - length, 0.0)
            if beyond > 0.0 or beyond * beyond + aside * aside > reach * reach:
                continue
            if count < images.size:
                images[count] = crowd[i]
                images.x[count] = x + seams.shift_x[s]
                images.y[count] = y + seams.shift_y[s]
                if crowd.activity[i] == TO_SPOT:
                    images.spot_x[count] = crowd.spot_x[i] + seams.shift_x[s]
                    images.spot_y[count] = crowd.spot_y[i] + seams.shift_y[s]
            count += 1
    return count


@kernel
def cross_seams(
    crowd: Crowd, present: Int32, seams: Seams, profile: Int32, level_speed: Float64, sheet: Int32, depth: float
) -> int:
    """Put those who have stepped over a seam onto the other sheet; those who may not cross it back before it.

    These are at rest then: who waits before a lift is held up, and makes way for those who get out.

    Parameters
    ----------
    profile, level_speed : (n,) each attendee's profile, and free speed on the level [m/s].
    sheet : (n,) the sheet that each is on; set.
    depth : longer than any step [m].

    Returns
    -------
    count : how many changed sheets.
    """
    count = 0
    for i in present:
        first, last = find_seams(seams, crowd.x[i], crowd.y[i])
        for k in range(first, last):
            s = seams.near[k]
            along, beyond, length = place_at(seams, s, crowd.x[i], crowd.y[i])
            if beyond <= 0.0 or beyond > depth or along < 0.0 or along > length:
                continue
            if seams.pace[profile[i], s] == 0.0 or seams.room[s] <= 0:
                crowd.x[i] -= (seams.ay[s] - seams.by[s]) / length * (beyond + BACK_M)
                crowd.y[i] -= (seams.bx[s] - seams.ax[s]) / length * (beyond + BACK_M)
                crowd.velocity_x[i] = 0.0
                crowd.velocity_y[i] = 0.0
                crowd.speed[i] = 0.0
                crowd.progress[i] = 0.0
            else:
                crowd.x[i] += seams.shift_x[s]
                crowd.y[i] += seams.shift_y[s]
                if crowd.activity[i] == TO_SPOT:  # goes back over the seam to its place
                    crowd.spot_x[i] += seams.shift_x[s]
                    crowd.spot_y[i] += seams.shift_y[s]
                sheet[i] = seams.leads[s]
                seams.room[s] -= 1
                belt = seams.belt[s]
                crowd.free_speed[i] = belt if belt > 0.0 else level_speed[i] * seams.pace[profile[i], s]
                count += 1
            break
    return count
