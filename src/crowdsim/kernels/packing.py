"""From walking distances on a lattice to a goal's field in three bytes a node."""

from __future__ import annotations

import math

from crowdsim.kernels.arrays import ANGLES, NO_ANGLE, UNREACHABLE, Float32, UInt8
from crowdsim.kernels.jit import background_kernel, inlined_kernel, kernel
from crowdsim.kernels.lattice import TO_ABOVE, TO_BELOW, TO_LEFT, TO_RIGHT, Lattice

OFF_LINE = math.sqrt(0.75)
"""Sine of the least angle at which people walk away from a one-way line that they have passed: 60 degrees, by which
they turn to get past others in a jam (`kernels.squeezing.TURNS`). So that does not lead them back."""


@inlined_kernel
def slope_between(before: float, here: float, after: float) -> float:
    """Return the slope at the middle one of three nodes: central, one-sided where a neighbour is infinite, else 0."""
    if before < math.inf:
        return 0.5 * (after - before) if after < math.inf else here - before
    return after - here if after < math.inf else 0.0


@inlined_kernel
def angle_of(x: float, y: float) -> int:
    """Return the direction of a vector in units of a turn over ANGLES, or NO_ANGLE for zero.

    atan(r) = pi/4 r + r (1 - r) (0.2447 + 0.0663 r) within 0.0015 rad for r from 0 to 1 (Rajan et al. 2006, IEEE
    Signal Processing Magazine 23), a twelfth of half a unit: several times as fast as the function.
    """
    wide = abs(x)
    high = abs(y)
    if wide == 0.0 and high == 0.0:
        return NO_ANGLE
    ratio = min(wide, high) / max(wide, high)
    turned = ratio * (math.pi / 4 + (1.0 - ratio) * (0.2447 + 0.0663 * ratio)) * (ANGLES / (2.0 * math.pi))
    if high > wide:
        turned = ANGLES / 4 - turned
    if x < 0.0:
        turned = ANGLES / 2 - turned
    if y < 0.0:
        turned = ANGLES - turned
    angle = int(turned + 0.5)
    return angle if angle < ANGLES else 0


@background_kernel
def pack_field(lattice: Lattice, distance: Float32, packed: UInt8) -> tuple[float, float]:
    """Store the distances and the directions of steepest descent; central differences, one-sided next to walls.

    Parameters
    ----------
    distance : (W,) walking distances in steps, inf where there is no way and in empty slots.
    packed : (W, 3) is filled: a goal's part of `Fields.nodes`.

    Returns
    -------
    nearest, unit : what 0 and 1 more stand for, in steps.
    """
    nearest = math.inf
    farthest = -math.inf
    for slot in range(distance.size):
        if distance[slot] < math.inf:
            nearest = min(nearest, distance[slot])
            farthest = max(farthest, distance[slot])
    unit = max((farthest - nearest) / (UNREACHABLE - 1), 1e-9) if farthest > -math.inf else 1.0
    for slot in range(distance.size):
        here = distance[slot]
        level = UNREACHABLE
        angle = NO_ANGLE
        if here < math.inf:
            level = int((here - nearest) / unit + 0.5)
            up = distance[lattice.up[slot]]
            down = distance[lattice.down[slot]]
            angle = angle_of(
                -slope_between(distance[slot - 1], here, distance[slot + 1]), -slope_between(down, here, up)
            )
        packed[slot, 0] = level & 255
        packed[slot, 1] = level >> 8
        packed[slot, 2] = angle
    lead_over_lines(lattice, distance, packed)
    return (nearest, unit) if farthest > -math.inf else (0.0, unit)


@inlined_kernel
def seen_from(lattice: Lattice, distance: Float32, slot: int, other: int, there: int, back: int) -> float:
    """Return a neighbour's distance if the way may lead there: inf if the step is barred, or worth nobody's while.

    Parameters
    ----------
    there, back : the steps from the slot to the other one, and back.
    """
    if lattice.barred[slot] & there or (lattice.barred[other] & back and distance[other] >= distance[slot]):
        return math.inf
    return float(distance[other])


@inlined_kernel
def goes_over(lattice: Lattice, distance: Float32, slot: int) -> bool:
    """Return whether the way from a slot before a one-way line may lead over it: not if all beyond are farther off."""
    beside_line = False
    for side in range(4):
        other, back = slot - 1, TO_RIGHT
        if side == 1:
            other, back = slot + 1, TO_LEFT
        elif side == 2:  # noqa: PLR2004
            other, back = lattice.down[slot], TO_ABOVE
        elif side == 3:  # noqa: PLR2004
            other, back = lattice.up[slot], TO_BELOW
        if lattice.barred[other] & back:
            if distance[other] < distance[slot]:
                return True
            beside_line = True
    return not beside_line


@kernel
def lead_over_lines(lattice: Lattice, distance: Float32, packed: UInt8) -> None:
    """Let the directions in the cells that one-way lines cut lead over these lines the right way, or along them.

    A cell's directions are mixed from its four nodes. So all nodes beyond the line lead away from it; and before the
    line nodes remain only if they lead over it: whoever else is in the cell has passed it. At the goal all remain.
    """
    for b in range(lattice.beside.size):
        slot = lattice.beside[b]
        here = distance[slot]
        if here <= 0.0 or here == math.inf:
            continue
        before_x = seen_from(lattice, distance, slot, slot - 1, TO_LEFT, TO_RIGHT)
        after_x = seen_from(lattice, distance, slot, slot + 1, TO_RIGHT, TO_LEFT)
        before_y = seen_from(lattice, distance, slot, lattice.down[slot], TO_BELOW, TO_ABOVE)
        after_y = seen_from(lattice, distance, slot, lattice.up[slot], TO_ABOVE, TO_BELOW)
        x = -slope_between(before_x, here, after_x)
        y = -slope_between(before_y, here, after_y)
        x1, y1, x2, y2 = lattice.lines[lattice.line[b]]
        length = math.hypot(x2 - x1, y2 - y1)
        over_x = (y1 - y2) / length
        over_y = (x2 - x1) / length
        over = x * over_x + y * over_y
        along = x * over_y - y * over_x
        if not lattice.beyond[b]:
            if over <= 0.0 or not goes_over(lattice, distance, slot):
                packed[slot, 0] = UNREACHABLE & 255
                packed[slot, 1] = UNREACHABLE >> 8
                packed[slot, 2] = NO_ANGLE
                continue
        elif over <= OFF_LINE * math.hypot(x, y):
            over = OFF_LINE / math.sqrt(1.0 - OFF_LINE * OFF_LINE) * abs(along) if along != 0.0 else 1.0
            x = over * over_x + along * over_y
            y = over * over_y - along * over_x
        packed[slot, 2] = angle_of(x, y)
