"""Kinds of attendees, as `scenario.yaml` states them."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from crowdsim.scenario.distributions import TruncatedNormal
from crowdsim.scenario.value import STRICT, Flag, Name, Positive, Share, Text, refusal

STAIRS_UP, STAIRS_DOWN = 0.610 / 1.34, 0.694 / 1.34
"""Horizontal speeds on stairs over the one on the level: Weidmann (1993), Transporttechnik der Fussgaenger."""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Profile:
    """A kind of attendee.

    Attributes
    ----------
    free_speed_m_s : free (desired) walking speed on the level [m/s].
    body_radius_m : radius of the body seen from above, taken as a disc [m].
    time_gap_s, neighbour_strength, neighbour_range_m : own values of these parameters, for movement models that
        have them; left out, the movement model's.
    stairs_up, stairs_down : free speed on stairs, its horizontal part, as a share of the free speed on the level.
        The defaults are Weidmann's (1993): 0.610 and 0.694 of 1.34 m/s.
    step_free : takes neither stairs nor escalators.
    source : where the figures come from.
    """

    free_speed_m_s: TruncatedNormal
    body_radius_m: TruncatedNormal
    time_gap_s: TruncatedNormal | None = None
    neighbour_strength: TruncatedNormal | None = None
    neighbour_range_m: TruncatedNormal | None = None
    stairs_up: Share = STAIRS_UP
    stairs_down: Share = STAIRS_DOWN
    step_free: Flag = False
    source: Text = ""

    @model_validator(mode="after")
    def _plausible(self) -> Self:
        # Bounds that catch slipped units (km/h, cm), far outside what any person is or does.
        if self.free_speed_m_s.max > MAX_FREE_SPEED_M_S:
            raise refusal(f"free_speed_m_s.max {self.free_speed_m_s.max:g}", f"at most {MAX_FREE_SPEED_M_S:g} m/s")
        if not MIN_BODY_RADIUS_M <= self.body_radius_m.min <= self.body_radius_m.max <= MAX_BODY_RADIUS_M:
            raise refusal(
                f"body_radius_m from {self.body_radius_m.min:g} to {self.body_radius_m.max:g}",
                f"within {MIN_BODY_RADIUS_M:g} and {MAX_BODY_RADIUS_M:g} m",
            )
        return self


MAX_FREE_SPEED_M_S = 6.0
MIN_BODY_RADIUS_M = 0.1
MAX_BODY_RADIUS_M = 0.6

Mix = Annotated[dict[Name, Positive], Field(min_length=1)]
"""Shares of profiles by name; they are normalised."""
