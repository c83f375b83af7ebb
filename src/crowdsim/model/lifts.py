"""Lifts: cabins that stop on two levels in turn, and take those who are in them along."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.arrays import TO_GOAL, TO_SPOT
from crowdsim.model.crossing import Crossing
from crowdsim.model.state import CrowdState
from crowdsim.population.placement import BODY_GAP_M, lattice, standing_room
from crowdsim.venue import Area, Seam, Venue
from crowdsim.venue.sheets import moved

Float64 = NDArray[np.float64]
Rows = NDArray[np.int32]


@dataclass(slots=True)
class Lift:
    """A lift, and where it is in its round.

    It stands on a level with its doors open for `stop_s`, rides for `ride_s`, stands on the other level, and rides
    back, whether or not anyone waits.

    Attributes
    ----------
    sheets : of its cabin, on the lower and the upper level.
    doors : indices of the seams onto it there.
    shift : from the lower sheet to the upper one [m].
    spots : (k, 2) places in the cabin on the lower sheet, those farthest from the door first.
    at : the level on which it is, or from which it rides: 0 for the lower one.
    """

    sheets: tuple[int, int]
    doors: tuple[int, int]
    shift: tuple[float, float]
    spots: Float64
    capacity: int
    ride_s: float
    stop_s: float
    at: int = 0

    def is_open(self, time_s: float) -> bool:
        """Return whether its doors are open."""
        return time_s % (self.stop_s + self.ride_s) < self.stop_s

    def level_at(self, time_s: float) -> int:
        """Return the level on which it stands, or from which it rides."""
        return int(time_s // (self.stop_s + self.ride_s)) % 2


class Lifts:
    """All lifts of a venue."""

    def __init__(self, venue: Venue, crossing: Crossing, clearance_m: float, radius_m: float, people: int) -> None:
        self._crossing = crossing
        self._rides_on = np.zeros(people, bool)  # has been taken along, and is on the way out
        self._lifts = [
            _make_lift(venue, k, clearance_m, radius_m)
            for k, sheet in enumerate(venue.sheets)
            if sheet.link and sheet.link.is_lift and venue.sheets[k - 1].link is not sheet.link
        ]

    def __bool__(self) -> bool:
        """Return whether there are any."""
        return bool(self._lifts)

    def run(self, time_s: float, state: CrowdState) -> None:
        """Let the lifts go on to a time: take people along, open and close doors, give places to those stepping in."""
        sheet = self._crossing.sheet[state.present]
        for lift in self._lifts:
            inside = [state.present[sheet == here] for here in lift.sheets]
            now = lift.level_at(time_s)
            if now != lift.at:
                self._ride(lift, inside[lift.at], state)
                lift.at = now
                inside = [np.empty(0, np.int32), np.empty(0, np.int32)]
                inside[now] = state.present[self._crossing.sheet[state.present] == lift.sheets[now]]
            aboard = inside[now]
            leaving = self._rides_on[aboard]
            self._place(lift, aboard[~leaving], state)
            # Those who have arrived get out first.
            room = 0 if leaving.any() else lift.capacity - aboard.size
            self._crossing.set_door(lift.doors[now], is_open=lift.is_open(time_s), room=room)
            self._crossing.set_door(lift.doors[1 - now], is_open=False, room=0)
        outside = ~np.isin(sheet, [here for lift in self._lifts for here in lift.sheets])
        self._rides_on[state.present[outside]] = False

    def _ride(self, lift: Lift, aboard: Rows, state: CrowdState) -> None:
        """Take those in the cabin to the other level; they get out there."""
        records = state.records
        way = np.array(lift.shift) * (1 if lift.at == 0 else -1)
        for axis, names in enumerate((("x", "spot_x"), ("y", "spot_y"))):
            for name in names:
                records[name][aboard] += way[axis]
        records["activity"][aboard[records["goal"][aboard] >= 0]] = TO_GOAL
        self._crossing.sheet[aboard] = lift.sheets[1 - lift.at]
        self._rides_on[aboard] = True

    def _place(self, lift: Lift, aboard: Rows, state: CrowdState) -> None:
        """Give places in the cabin to those who have stepped in."""
        records = state.records
        new = aboard[records["activity"][aboard] == TO_GOAL]
        if not new.size:
            return
        shift = np.array(lift.shift) * lift.at
        others = aboard[records["activity"][aboard] == TO_SPOT]
        taken = np.column_stack([records["spot_x"][others], records["spot_y"][others]])
        free = [spot for spot in lift.spots + shift if not (np.hypot(*(taken - spot).T) < BODY_GAP_M).any()]
        for row, spot in zip(new.tolist(), free, strict=False):
            records["spot_x"][row], records["spot_y"][row] = spot
            records["activity"][row] = TO_SPOT


def _make_lift(venue: Venue, first: int, clearance_m: float, radius_m: float) -> Lift:
    lower, upper = venue.sheets[first], venue.sheets[first + 1]
    link = lower.link
    if link is None or link.feature.rise is None:
        msg = f"sheet {lower.name!r} is no lift"
        raise ValueError(msg)
    rise = link.feature.rise
    doors = [s for s, seam in enumerate(venue.seams) if seam.onto and seam.leads in (first, first + 1)]
    return Lift(
        sheets=(first, first + 1),
        doors=(doors[0], doors[1]),
        shift=(upper.shift[0] - lower.shift[0], upper.shift[1] - lower.shift[1]),
        spots=_spots(venue.seams[doors[0]], lower.area, clearance_m, radius_m),
        capacity=rise.capacity,
        ride_s=rise.ride_s,
        stop_s=rise.stop_s,
    )


def _spots(door: Seam, cabin: Area, clearance_m: float, radius_m: float) -> Float64:
    """Return places for bodies in a cabin, those farthest from the door first; in the plane of the cabin's sheet."""
    middle = moved(door.line.interpolate(0.5, normalized=True), door.shift)
    spots = lattice(standing_room(cabin, cabin, clearance_m), 2 * radius_m + BODY_GAP_M)
    return spots[np.argsort(-np.hypot(spots[:, 0] - middle.x, spots[:, 1] - middle.y), kind="stable")]
