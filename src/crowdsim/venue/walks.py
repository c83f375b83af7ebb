"""From where to where the attendees of a group may walk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crowdsim.scenario.group import AttendeeGroup, start_shares
from crowdsim.scenario.itinerary import Attend, Leave, Visit
from crowdsim.scenario.option import FOR_NEEDS, Option, alternatives, options_of
from crowdsim.venue.venue import Venue, leg_goals

Goals = tuple[str, ...]


def walks_of(group: AttendeeGroup, venue: Venue) -> Iterator[tuple[list[Goals], Goals]]:
    """Yield the walks that there may be: where people may come from, and goals, to one of which they walk.

    Each entry of where they may come from is the goals of one thing that they may have done before. Walks of those who
    leave something out are not among them: there is a way over what they leave out, if by nothing else.
    """
    options = options_of(group)
    by_stage = alternatives(options)
    needs = [_goals(options, venue, numbers) for numbers in by_stage.pop(FOR_NEEDS, [])]
    here: list[Goals] = [tuple(start_shares(group))]
    for choices in by_stage.values():
        there: list[Goals] = []
        for numbers in choices:
            goals = _goals(options, venue, numbers)
            yield here, goals
            leg = options[numbers[0]].leg
            for service in needs if isinstance(leg, Visit | Attend) else ():
                yield [goals], service
                yield [service], goals
            there += [] if isinstance(leg, Leave) else [goals]
        here = there or here


def _goals(options: Sequence[Option], venue: Venue, numbers: range) -> Goals:
    return tuple(goal for number in numbers for goal in leg_goals(options[number].leg, venue))
