"""The plan of all attendees: arrays with one row each, drawn before the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crowdsim.population.arrivals import draw_due, draw_starts
from crowdsim.population.at_start import place_at_start
from crowdsim.population.draw import draw_duration, draw_profiles, draw_truncated, generator
from crowdsim.population.legs import columns_of, draw_legs
from crowdsim.population.parties import draw_parties, firsts, slowest
from crowdsim.scenario.bodies import clearance, used_profiles
from crowdsim.scenario.feature import Scenario
from crowdsim.scenario.group import AttendeeGroup, start_shares
from crowdsim.scenario.option import Option, options_of
from crowdsim.scenario.party import ALONE
from crowdsim.venue import Venue, leg_goals

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]


INTERACTION = ("time_gap_s", "neighbour_strength", "neighbour_range_m")
"""Parameters of movement models that a profile can have of its own."""


@dataclass(frozen=True, slots=True)
class Population:
    """Everyone who is planned to come; n attendees, at most m options and k up to the last stay or service among them.

    Attributes
    ----------
    groups, profiles, starts : the names that the indices below point into.
    group, profile, start : (n,) indices.
    itineraries : per group, what its attendees may do, in order.
    due_s : (n,) when the attendee wants to enter [s].
    pre_movement_s : (n,) [s].
    free_speed, radius : (n,) [m/s], [m].
    time_gap, strength, range : (n,) interaction with others [s, -, m], in single precision; NaN for models without.
    x, y : (n,) place at time zero [m]; NaN for those who come through an entrance.
    does : (n, m) whether the attendee does each option when its turn comes.
    dwell_s : (n, k) how long each visit lasts, staying on after an event, or being served takes [s].
    patience_s : (n, k) how long the attendee waits in each queue at the most [s]; inf for as long as it takes.
    spot : (n, k, 2) the attendee's own place at each visit [m].
    party : (n,) number of the party that the attendee came with, `ALONE` for none; its members are next to each other.
    """

    groups: tuple[str, ...]
    profiles: tuple[str, ...]
    starts: tuple[str, ...]
    group: Int32
    profile: Int32
    start: Int32
    itineraries: tuple[tuple[Option, ...], ...]
    due_s: Float64
    pre_movement_s: Float64
    free_speed: Float64
    radius: Float64
    time_gap: Float32
    strength: Float32
    range: Float32
    x: Float64
    y: Float64
    does: NDArray[np.bool_]
    dwell_s: Float64
    patience_s: Float64
    spot: Float64
    party: Int32

    def __len__(self) -> int:
        """Return the number of attendees planned."""
        return self.due_s.size


def plan_population(scenario: Scenario, venue: Venue) -> Population:
    """Draw everyone who comes, from the scenario's seed.

    Raises
    ------
    ScenarioError
        If start zones cannot hold their attendees.
    """
    config = scenario.config
    groups, profiles = tuple(config.attendees), used_profiles(scenario)
    starts = tuple(dict.fromkeys(start for group in config.attendees.values() for start in start_shares(group)))
    columns = columns_of(config.attendees)
    margin = clearance(scenario)
    parts = [
        _draw_group(name, group, scenario, venue, (profiles, columns, margin))
        for name, group in config.attendees.items()
    ]
    sizes = [part["due_s"].size for part in parts]
    joined = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    drawn = zip(config.attendees.items(), sizes, strict=True)
    start = np.concatenate([draw_starts(name, group, n, starts, config.seed) for (name, group), n in drawn])
    party = _numbered([part["party"] for part in parts])
    start = start[firsts(party)]
    group = np.repeat(np.arange(len(groups)), sizes).astype(np.int32)
    widest = np.array([config.profiles[name].body_radius_m.max for name in profiles])
    x, y = place_at_start(scenario, venue, starts, start, group, party, widest[joined["profile"]])
    return Population(
        groups=groups,
        profiles=profiles,
        starts=starts,
        group=group,
        profile=joined["profile"].astype(np.int32),
        start=start,
        itineraries=tuple(options_of(group) for group in config.attendees.values()),
        due_s=joined["due_s"],
        pre_movement_s=joined["pre_movement_s"],
        free_speed=joined["free_speed"],
        radius=joined["radius"],
        time_gap=joined["time_gap_s"],
        strength=joined["neighbour_strength"],
        range=joined["neighbour_range_m"],
        x=x,
        y=y,
        does=joined["does"],
        dwell_s=joined["dwell_s"],
        patience_s=joined["patience_s"],
        spot=joined["spot"],
        party=party,
    )


def _draw_group(
    name: str,
    group: AttendeeGroup,
    scenario: Scenario,
    venue: Venue,
    common: tuple[Sequence[str], tuple[int, int], float],
) -> dict[str, NDArray[Any]]:
    """Draw one group; every purpose has its own random stream."""
    profiles, columns, margin = common
    seed = scenario.config.seed
    due = draw_due(name, group, seed)
    n = due.size
    profile = draw_profiles(name, group, n, profiles, scenario.config)
    free_speed, radius = np.empty(n), np.empty(n)
    own = {key: np.full(n, getattr(scenario.config.movement, key, np.nan), np.float32) for key in INTERACTION}
    for k in np.unique(profile):
        mine, p = np.flatnonzero(profile == k), profiles[k]
        settings = scenario.config.profiles[p]
        free_speed[mine] = draw_truncated(settings.free_speed_m_s, mine.size, generator(seed, name, p, "speed"))
        radius[mine] = draw_truncated(settings.body_radius_m, mine.size, generator(seed, name, p, "radius"))
        for key in INTERACTION:
            if distribution := getattr(settings, key):
                own[key][mine] = draw_truncated(distribution, mine.size, generator(seed, name, p, key))
    party = draw_parties(name, n, group.parties, seed)
    first = firsts(party)
    free_speed = slowest(party, free_speed)
    legs = draw_legs(name, party, scenario, venue, columns, margin)
    return {
        "party": party,
        "due_s": due[first],
        "profile": profile,
        "free_speed": free_speed,
        "radius": radius,
        **own,
        "pre_movement_s": draw_duration(group.pre_movement, n, generator(seed, name, "pre_movement"))[first],
        "does": legs.does,
        "dwell_s": legs.dwell_s,
        "patience_s": legs.patience_s,
        "spot": legs.spot,
    }


def _numbered(parts: list[Int32]) -> Int32:
    """Return the parties of all groups, numbered on from one group to the next."""
    so_far, numbered = 0, []
    for party in parts:
        numbered.append(np.where(party == ALONE, ALONE, party + so_far).astype(np.int32))
        so_far += int(party.max(initial=ALONE)) + 1
    return np.concatenate(numbered)


def goals_of(scenario: Scenario, venue: Venue, ever: Venue | None = None) -> tuple[str, ...]:
    """Return the names of all goals that attendees may walk to: zones they visit, queues, exits they may take, refuges.

    Parameters
    ----------
    venue : as it is at the start.
    ever : with all the ground that there is at any time; None if the venue does not change.
    """
    goals: dict[str, None] = {}
    for group in scenario.config.attendees.values():
        for option in options_of(group):
            goals |= dict.fromkeys(leg_goals(option.leg, venue))
    if scenario.config.interventions or scenario.config.stewards:  # exits that open, and those that people are sent to
        goals |= dict.fromkeys((ever or venue).open_exits)
    goals |= dict.fromkeys(queue for queues in venue.services.values() for queue in queues)
    return tuple(goals | dict.fromkeys(scenario.config.refuges))
