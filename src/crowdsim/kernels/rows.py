"""Lists of attendees' rows: who has arrived, who is held up, and who is left when some have gone."""

from __future__ import annotations

from crowdsim.kernels.arrays import BLOCK, Crowd, Int32, UInt8
from crowdsim.kernels.jit import kernel
from crowdsim.kernels.walking import HELD_UP, gets_on_below


@kernel
def take_reached(crowd: Crowd, order: Int32, arrived: UInt8, found: Int32) -> int:
    """List those who have `reached` their goals, and take the note back; return how many they are.

    Parameters
    ----------
    order, arrived : of `Cells`.
    found : (m,) gets their rows first, in the order of the cells.
    """
    count = 0
    for first in range(0, order.size, BLOCK):
        if not arrived[first // BLOCK]:
            continue
        for k in range(first, min(first + BLOCK, order.size)):
            if crowd.reached[order[k]]:
                crowd.reached[order[k]] = 0
                found[count] = order[k]
                count += 1
    return count


@kernel
def list_held_up(crowd: Crowd, rows: Int32, found: Int32) -> int:
    """List those of `rows` who walk and hardly move, in the order of `rows`; return how many they are.

    Parameters
    ----------
    found : as long as `rows`; gets them first.
    """
    count = 0
    for i in rows:
        if gets_on_below(crowd, i, HELD_UP):
            found[count] = i
            count += 1
    return count


@kernel
def leave_out(rows: Int32, gone: Int32, left: Int32) -> None:
    """Copy all of `rows` but the `gone` to `left`; all ascending, and `gone` holds none but of `rows`."""
    g = 0
    for k in range(rows.size):
        if g < gone.size and rows[k] == gone[g]:
            g += 1
        else:
            left[k - g] = rows[k]
