"""Lists of attendees' rows: who has arrived, who is held up, and who is left when some have gone."""

from __future__ import annotations

from crowdsim.kernels.arrays import BLOCK, LEAVING, Crowd, Int32, UInt8
from crowdsim.kernels.jit import kernel
from crowdsim.kernels.walking import HELD_UP, gets_on_below


@kernel
def take_reached(crowd: Crowd, order: Int32, arrived: UInt8, people: int, found: Int32) -> tuple[int, int]:
    """List those who have `reached` something, and take the note back.

    Return how many have reached their goals, and how many the ends of their ways beyond exits.

    Parameters
    ----------
    order, arrived : of `Cells`.
    people : rows from here on are images of people, and not listed.
    found : (m,) gets the rows of the first from its beginning on, those of the others from its end back.
    """
    at_goals = 0
    beyond = 0
    for first in range(0, order.size, BLOCK):
        if not arrived[first // BLOCK]:
            continue
        for k in range(first, min(first + BLOCK, order.size)):
            i = order[k]
            if not crowd.reached[i]:
                continue
            crowd.reached[i] = 0
            if i >= people:
                continue
            if crowd.activity[i] == LEAVING:
                beyond += 1
                found[found.size - beyond] = i
            else:
                found[at_goals] = i
                at_goals += 1
    return at_goals, beyond


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
