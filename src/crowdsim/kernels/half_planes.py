"""The velocity nearest to the desired one within half-planes and a disc: the linear programmes of ORCA.

van den Berg, Guy, Lin and Manocha (2011), doi:10.1007/978-3-642-19457-3_1, sections 5.2 and 5.3, solved
incrementally as in de Berg et al. (2008), Computational Geometry, chapter 4.
"""

from __future__ import annotations

import math

from crowdsim.kernels.arrays import Float64
from crowdsim.kernels.jit import inlined_kernel, kernel

PARALLEL = 1e-9
"""Lines whose directions' cross product is smaller than this count as parallel."""

OUTSIDE = 1e-9
"""How far outside a half-plane a velocity may lie and still count as inside [m/s]: rounding."""


@inlined_kernel
def set_plane(planes: Float64, k: int, x: float, y: float, normal_x: float, normal_y: float) -> None:
    """Write half-plane k: a point (x, y) on its edge and the unit normal into it."""
    planes[k, 0] = x
    planes[k, 1] = y
    planes[k, 2] = normal_x
    planes[k, 3] = normal_y


@kernel
def _best_on_line(
    planes: Float64, k: int, radius: float, want_x: float, want_y: float, as_direction: bool
) -> tuple[bool, float, float]:
    """Return the best velocity on the edge of half-plane k that keeps the planes before it; False if there is none."""
    px, py, nx, ny = planes[k, 0], planes[k, 1], planes[k, 2], planes[k, 3]
    tx, ty = ny, -nx
    along = px * tx + py * ty
    inside = along * along + radius * radius - (px * px + py * py)
    if inside < 0.0:
        return False, 0.0, 0.0
    low = -along - math.sqrt(inside)
    high = -along + math.sqrt(inside)
    for j in range(k):
        # Along the edge, plane j is kept where slope * t >= lack.
        slope = tx * planes[j, 2] + ty * planes[j, 3]
        lack = (planes[j, 0] - px) * planes[j, 2] + (planes[j, 1] - py) * planes[j, 3]
        if abs(slope) < PARALLEL:
            if lack > OUTSIDE:
                return False, 0.0, 0.0
            continue
        if slope > 0.0:
            low = max(low, lack / slope)
        else:
            high = min(high, lack / slope)
        if low > high:
            return False, 0.0, 0.0
    if as_direction:
        t = high if want_x * tx + want_y * ty > 0.0 else low
    else:
        t = min(max((want_x - px) * tx + (want_y - py) * ty, low), high)
    return True, px + t * tx, py + t * ty


@kernel
def _solve(
    planes: Float64, radius: float, want_x: float, want_y: float, as_direction: bool
) -> tuple[int, float, float]:
    """Return how many half-planes could be kept, from the first on, and the best velocity in them and the disc.

    The best is nearest to (want_x, want_y), or farthest in its direction (a unit vector) if `as_direction`.
    """
    x, y = want_x, want_y
    if as_direction:
        x, y = radius * want_x, radius * want_y
    else:
        length = math.hypot(x, y)
        if length > radius:
            x, y = x * radius / length, y * radius / length
    for k in range(planes.shape[0]):
        if (x - planes[k, 0]) * planes[k, 2] + (y - planes[k, 1]) * planes[k, 3] >= -OUTSIDE:
            continue
        found, new_x, new_y = _best_on_line(planes, k, radius, want_x, want_y, as_direction)
        if not found:
            return k, x, y
        x, y = new_x, new_y
    return planes.shape[0], x, y


@kernel
def fastest_allowed(
    planes: Float64, shifted: Float64, fixed: int, radius: float, want_x: float, want_y: float
) -> tuple[float, float]:
    """Return the velocity nearest to the one wanted that all half-planes and the disc of a radius allow.

    Where no velocity does, the one that violates the worst of them least (section 5.3); the first `fixed`
    half-planes are never given up for the others.

    Parameters
    ----------
    shifted : scratch of the same shape.
    planes : (n, 4) a point (x, y) on each edge, and the unit normal (x, y) into the half-plane [m/s].
    """
    kept, x, y = _solve(planes, radius, want_x, want_y, False)
    if kept == planes.shape[0]:
        return x, y
    worst = 0.0
    for k in range(max(kept, fixed), planes.shape[0]):
        if (planes[k, 0] - x) * planes[k, 2] + (planes[k, 1] - y) * planes[k, 3] <= worst:
            continue
        # Edges on which two planes are violated alike, the fixed ones as they are.
        for j in range(fixed):
            set_plane(shifted, j, planes[j, 0], planes[j, 1], planes[j, 2], planes[j, 3])
        count = fixed
        for j in range(fixed, k):
            slope = planes[k, 3] * planes[j, 2] - planes[k, 2] * planes[j, 3]
            if abs(slope) < PARALLEL:
                if planes[k, 2] * planes[j, 2] + planes[k, 3] * planes[j, 3] > 0.0:
                    continue
                point_x = (planes[k, 0] + planes[j, 0]) / 2
                point_y = (planes[k, 1] + planes[j, 1]) / 2
            else:
                lack = (planes[j, 0] - planes[k, 0]) * planes[j, 2] + (planes[j, 1] - planes[k, 1]) * planes[j, 3]
                point_x = planes[k, 0] + lack / slope * planes[k, 3]
                point_y = planes[k, 1] - lack / slope * planes[k, 2]
            normal_x = planes[j, 2] - planes[k, 2]
            normal_y = planes[j, 3] - planes[k, 3]
            length = math.hypot(normal_x, normal_y)
            set_plane(shifted, count, point_x, point_y, normal_x / length, normal_y / length)
            count += 1
        found, new_x, new_y = _solve(shifted[:count], radius, planes[k, 2], planes[k, 3], True)
        if found == count:
            x, y = new_x, new_y
        worst = (planes[k, 0] - x) * planes[k, 2] + (planes[k, 1] - y) * planes[k, 3]
    return x, y
