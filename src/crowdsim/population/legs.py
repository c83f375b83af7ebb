"""What each attendee of a group does of what the itinerary leaves open, for how long, and where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crowdsim.population.draw import draw_duration, generator
from crowdsim.population.parties import firsts, stand_together
from crowdsim.population.placement import random_spots, standing_room
from crowdsim.scenario.feature import Scenario
from crowdsim.scenario.group import AttendeeGroup
from crowdsim.scenario.itinerary import Attend, Leave, OneOf, Use, Visit
from crowdsim.scenario.option import FOR_NEEDS, Option, alternatives, options_of
from crowdsim.venue import Venue, leg_goals

Bools = NDArray[np.bool_]
Float64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DrawnLegs:
    """What was drawn for the n attendees of a group.

    Attributes
    ----------
    does : (n, m) whether the attendee does each option when its turn comes; False for needs, and for all but the first
        of services to choose from.
    dwell_s, patience_s, spot : (n, k), (n, k), (n, k, 2): as in `Population`.
    """

    does: Bools
    dwell_s: Float64
    patience_s: Float64
    spot: Float64


def columns_of(groups: dict[str, AttendeeGroup]) -> tuple[int, int]:
    """Return how many options any group has, and up to which there are stays and services."""
    laid_out = [options_of(group) for group in groups.values()]
    stays = [k + 1 for options in laid_out for k, option in enumerate(options) if not isinstance(option.leg, Leave)]
    return max(len(options) for options in laid_out), max(stays, default=0)


def draw_legs(
    name: str, party: NDArray[np.int32], scenario: Scenario, venue: Venue, columns: tuple[int, int], margin: float
) -> DrawnLegs:
    """Draw what the n attendees of the group of this name do; every purpose has its own random stream.

    Parties do the same and stay as long, side by side; each of them is served on its own.

    Parameters
    ----------
    party : (n,) as in `Population`.
    columns : as `columns_of` tells.
    margin : the least distance of a body's centre to a wall [m].
    """
    group, seed = scenario.config.attendees[name], scenario.config.seed
    options = options_of(group)
    n, first = party.size, firsts(party)
    most, stays = columns
    dwell, patience = np.zeros((n, stays)), np.full((n, stays), np.inf)
    spot = np.zeros((n, stays, 2))
    for k, option in enumerate(options):
        key, leg = option.key, option.leg
        if isinstance(leg, Visit | Attend):
            stay = leg.dwell if isinstance(leg, Visit) else leg.linger
            dwell[:, k] = draw_duration(stay, n, generator(seed, name, "dwell", key))[first]
            room = standing_room(venue.zones[leg_goals(leg, venue)[0]], venue.walkable, margin)
            spot[:, k] = stand_together(party, random_spots(room, n, generator(seed, name, "spot", key)), room)
        elif isinstance(leg, Use):
            service = scenario.config.services[option.service]
            dwell[:, k] = draw_duration(service.time, n, generator(seed, name, "service", key))
            if service.patience:
                patience[:, k] = draw_duration(service.patience, n, generator(seed, name, "patience", key))[first]
    does = np.zeros((n, most), bool)
    does[:, : len(options)] = _draw_choices(name, n, seed, group, options)[first]
    return DrawnLegs(does, dwell, patience, spot)


def _draw_choices(name: str, n: int, seed: int, group: AttendeeGroup, options: tuple[Option, ...]) -> Bools:
    """Return (n, options) whether each attendee does each."""
    does = np.zeros((n, len(options)), bool)
    for stage, choices in alternatives(options).items():
        if stage == FOR_NEEDS:
            continue
        leg = group.itinerary[stage]
        first = np.array([numbers[0] for numbers in choices])
        chosen = np.zeros(n, np.int64)
        if isinstance(leg, OneOf):
            weights = np.array([one.weight or 1.0 for one in leg.one_of])
            chosen = generator(seed, name, "one_of", str(stage)).choice(first.size, n, p=weights / weights.sum())
        takes_part = np.ones(n, bool)
        if leg.probability < 1.0:
            takes_part = generator(seed, name, "probability", str(stage)).random(n) < leg.probability
        does[np.arange(n), first[chosen]] = takes_part
    return does
