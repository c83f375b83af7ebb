"""How large and fast the attendees of a scenario can be, by their profiles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from crowdsim.scenario.feature import Scenario
from crowdsim.scenario.group import AttendeeGroup
from crowdsim.scenario.value import normalised


def profile_shares(group: AttendeeGroup, mixes: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Return the share of each profile in a group, adding up to one; a mix is divided among its profiles."""
    shares: dict[str, float] = {}
    for name, share in normalised(group.profile).items():
        for profile, part in normalised(mixes.get(name, name)).items():
            shares[profile] = shares.get(profile, 0.0) + share * part
    return shares


def used_profiles(scenario: Scenario) -> tuple[str, ...]:
    """Return the names of the profiles that attendees have, in the configuration's order."""
    config = scenario.config
    used = {name for group in config.attendees.values() for name in profile_shares(group, config.mixes)}
    return tuple(name for name in config.profiles if name in used)


CHILD_RADIUS_M = 0.18
"""Bodies that are smaller than this on average are children's: the smallest radius of the standard adult."""


def least_clearance(bodies: Iterable[tuple[float, float]]) -> float:
    """Return the least distance of a body's centre to a wall [m]: the smallest radius there can be.

    Larger bodies give way by a shoulder's breadth: they turn or lean. Children keep the distance of the others: else
    one of them would widen every door for everybody.

    Parameters
    ----------
    bodies : mean and smallest radius of each profile [m].
    """
    radii = list(bodies)
    grown = [radius for radius in radii if radius[0] >= CHILD_RADIUS_M] or radii
    return min(smallest for _, smallest in grown)


def clearance(scenario: Scenario) -> float:
    """Return the least distance of a body's centre to a wall [m]."""
    radii = (scenario.config.profiles[name].body_radius_m for name in used_profiles(scenario))
    return least_clearance((radius.mean, radius.min) for radius in radii)


def largest_radius(scenario: Scenario, *, on_steps: bool = False) -> float:
    """Return the largest body radius there can be [m], of those who take steps only if so asked."""
    profiles = [scenario.config.profiles[name] for name in used_profiles(scenario)]
    return max((p.body_radius_m.max for p in profiles if not (on_steps and p.step_free)), default=0.0)


def highest_free_speed(scenario: Scenario) -> float:
    """Return the highest free speed there can be [m/s]."""
    return max(scenario.config.profiles[name].free_speed_m_s.max for name in used_profiles(scenario))
