"""Whether areas can be kept clear."""

from __future__ import annotations

from collections.abc import Iterator

import shapely
from shapely import LineString

from crowdsim.scenario.bodies import clearance, largest_radius
from crowdsim.scenario.feature import Scenario
from crowdsim.venue.build import SMALLEST_PLACE_M2, to_area
from crowdsim.venue.serpentine import fold_queue
from crowdsim.venue.venue import Area, Venue

Found = tuple[str, str, str]


def find_queues_within(scenario: Scenario) -> Iterator[Found]:
    """Yield the zones that are to be kept clear, from the start or from some time on, with queues in them."""
    zones = scenario.named("zone")
    lines = {
        queue: fold_queue(queue).line if queue.polygons else LineString(queue.line)
        for queue in scenario.named("queue").values()
    }
    for where, name in _said(scenario):
        zone = zones.get(name)
        within = [
            queue.name
            for queue, line in lines.items()
            if zone and queue.level == zone.level and line.intersects(to_area(zone))
        ]
        if within:
            found = f"zone {name!r}, in which people wait in line: {', '.join(repr(queue) for queue in within)}"
            yield where, found, "a zone clear of queues"


def find_without_room(scenario: Scenario, venue: Venue) -> Iterator[Found]:
    """Yield the zones that are to be kept clear and leave nobody room to stand beside them, as the venue is at first.

    Those from the start do so together; of those from some time on each is looked at by itself, on its level.
    """
    room = shapely.buffer(venue.walkable, -clearance(scenario))
    room = shapely.difference(room, shapely.union_all([exit_.area for exit_ in venue.exits.values()]))
    levels = {name: feature.level for name, feature in scenario.named("zone").items()}
    for where, name in _said(scenario):
        if name not in venue.zones:
            continue
        kept = {name, *venue.kept_clear} if name in venue.kept_clear else {name}
        areas = [shapely.buffer(venue.zones[zone], largest_radius(scenario)) for zone in sorted(kept)]
        (floor,) = (sheet.area for sheet in venue.sheets if sheet.name == levels[name])
        beside: Area = shapely.difference(shapely.intersection(room, floor), shapely.union_all(areas))
        if not any(part.area >= SMALLEST_PLACE_M2 for part in shapely.get_parts(beside)):
            found = f"zone {name!r}, beside which there is no room to stand"
            yield where, found, "a zone that leaves room to stand beside it"


def _said(scenario: Scenario) -> list[tuple[str, str]]:
    """Return where it is said that a zone is to be kept clear, from the start or from some time on, and its name."""
    said = [(f"zones.{name}.keep_clear", name) for name, zone in scenario.config.zones.items() if zone.keep_clear]
    for k, intervention in enumerate(scenario.config.interventions):
        said += [(f"interventions.{k}.keep_clear", name) for name in intervention.keep_clear]
    return said
