"""Whether areas can be kept clear."""

from __future__ import annotations

from collections.abc import Iterator

from shapely import LineString

from crowdsim.scenario.feature import Scenario
from crowdsim.venue.build import to_area

Found = tuple[str, str, str]


def find_queues_within(scenario: Scenario) -> Iterator[Found]:
    """Yield the zones that are to be kept clear, from the start or from some time on, with queues in them."""
    zones, queues = scenario.named("zone"), scenario.named("queue").values()
    said = [(f"zones.{name}.keep_clear", name) for name, zone in scenario.config.zones.items() if zone.keep_clear]
    for k, intervention in enumerate(scenario.config.interventions):
        said += [(f"interventions.{k}.keep_clear", name) for name in intervention.keep_clear]
    for where, name in said:
        zone = zones.get(name)
        within = [
            queue.name
            for queue in queues
            if zone and queue.level == zone.level and LineString(queue.line).intersects(to_area(zone))
        ]
        if within:
            found = f"zone {name!r}, in which people wait in line: {', '.join(repr(queue) for queue in within)}"
            yield where, found, "a zone clear of queues"
