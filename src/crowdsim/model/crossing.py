"""Which sheet of the venue everyone is on: people step over seams, and see each other across them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from crowdsim.kernels.seams import Seams, cross_seams, mirror_people
from crowdsim.model.state import CrowdState
from crowdsim.navigation.walls import list_by_cell
from crowdsim.population import Population
from crowdsim.scenario.profile import Profile
from crowdsim.venue import Seam, Venue

CELL_M = 2.0
"""Edge of the cells that list the seams nearby."""

ANY = 2**31 - 1
"""Room for any number of people."""

DENSEST_PER_M2 = 16.0
"""Room is kept for the images of so many people near seams: more than ever stand on a square metre."""


class Crossing:
    """The sheets of a venue with several, and who is on which.

    Attributes
    ----------
    sheet : (n,) the sheet that each attendee is on, as an index of `Venue.sheets`; of those not inside without meaning.
    level_speed : (n,) free speed on the level [m/s]; the one in the crowd's state is that on the ground under the feet.
    level : (sheets,) index of each sheet's level.
    shift : (sheets, 2) from the plan's coordinates to each sheet's [m].
    """

    def __init__(
        self, venue: Venue, population: Population, profiles: Sequence[Profile], reach_m: float, longest_step_m: float
    ) -> None:
        self.sheet = np.zeros(len(population), np.int32)
        self.level_speed = population.free_speed.copy()
        self.level = np.array([sheet.level for sheet in venue.sheets], np.int16)
        self.shift = np.array([sheet.shift for sheet in venue.sheets])
        self._bounds = np.array([sheet.area.bounds for sheet in venue.sheets])
        self._profile, self._profiles = population.profile, profiles
        self._reach_m = reach_m
        self._depth_m = 2 * longest_step_m
        self._ordinary = np.array([not seam.link.is_lift for seam in venue.seams], bool)
        self.take_seams(venue.seams)

    def take_seams(self, seams: Sequence[Seam]) -> None:
        """Go by these seams from now on: the same lines, but other ways may be open."""
        self._seams = _as_arrays(seams, self._profiles, self._reach_m)

    def room_for_images(self) -> int:
        """Return how many images of people there can be at a time."""
        seams = self._seams
        length = np.hypot(seams.bx - seams.ax, seams.by - seams.ay)
        area = float((math.pi / 2 * self._reach_m**2 + self._reach_m * length).sum())
        return min(math.ceil(DENSEST_PER_M2 * area), seams.ax.size * self.sheet.size)

    def note_sheets(self, state: CrowdState, rows: NDArray[np.int32]) -> None:
        """Note which sheets attendees who have come in are on."""
        x, y = state.records["x"][rows, None], state.records["y"][rows, None]
        low_x, low_y, high_x, high_y = self._bounds.T
        inside = (x >= low_x) & (x <= high_x) & (y >= low_y) & (y <= high_y)
        self.sheet[rows] = inside.argmax(axis=1)

    def set_door(self, onto: int, *, is_open: bool, room: int) -> None:
        """Open or close a lift's door on a level.

        Parameters
        ----------
        onto : index of the seam onto the lift; the next one is that off it.
        room : how many more may step in.
        """
        self._seams.room[onto] = room if is_open else 0
        self._seams.room[onto + 1] = ANY if is_open else 0
        self._seams.shut[onto : onto + 2] = not is_open

    def mirror(self, state: CrowdState) -> None:
        """Make the images of those near seams; for the next step."""
        count = mirror_people(state.records, state.present, self._seams, self._reach_m, state.image_records)
        state.show_images(count)

    def cross(self, state: CrowdState) -> None:
        """Put those who have stepped over a seam onto the other sheet."""
        self._seams.room[self._ordinary] = ANY
        cross_seams(
            state.records, state.present, self._seams, self._profile, self.level_speed, self.sheet, self._depth_m
        )


def _as_arrays(seams: Sequence[Seam], profiles: Sequence[Profile], reach_m: float) -> Seams:
    """Return the seams as kernels take them; with what speeds are on the way that begins there, or ends."""
    ends = np.array([np.ravel(seam.line.coords) for seam in seams]).reshape(-1, 4)
    pace, belt = np.ones((len(profiles), len(seams))), np.zeros(len(seams))
    for s, seam in enumerate(seams):
        if seam.onto:
            belt[s] = seam.link.belt_m_s or 0.0
        for k, profile in enumerate(profiles):
            if not seam.lets_pass(step_free=profile.step_free):
                pace[k, s] = 0.0
            elif seam.onto and not belt[s]:
                pace[k, s] = seam.link.pace(profile, up=seam.up)
    start, near, origin, columns, rows = list_by_cell(ends, reach_m, CELL_M)
    ax, ay, bx, by = (np.ascontiguousarray(ends[:, k]) for k in range(4))
    return Seams(
        ax=ax,
        ay=ay,
        bx=bx,
        by=by,
        shift_x=np.array([seam.shift[0] for seam in seams]),
        shift_y=np.array([seam.shift[1] for seam in seams]),
        leads=np.array([seam.leads for seam in seams], np.int32),
        pace=pace,
        belt=belt,
        room=np.full(len(seams), ANY, np.int32),
        shut=np.zeros(len(seams), np.uint8),
        start=start,
        near=near,
        origin_x=float(origin[0]),
        origin_y=float(origin[1]),
        size=CELL_M,
        columns=columns,
        rows=rows,
    )
