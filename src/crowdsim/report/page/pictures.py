"""The pictures of the report with captions, and in words for those who do not see them."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from crowdsim.measure.flows import EXIT
from crowdsim.report.page.reading import RunContent
from crowdsim.report.words import clock, number, place


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: its address (the PNG file itself, as text), what it shows in words, and a caption."""

    name: str
    address: str
    words: str
    caption: str


def pictures(content: RunContent, levels: tuple[str, ...]) -> dict[str, Picture]:
    """Return the pictures of a run by name."""
    summary, venue = content.summary, content.recording.venue
    people, density = summary["attendees"], summary["density"]
    exposure = (summary.get("exposure_person_s") or {}).get("4")
    exits = [name for name, flow in (summary.get("flows") or {}).items() if flow["kind"] == EXIT]
    words = {
        "plan": f"Plan of the venue: {venue.walkable.area:,.0f} m² walkable, {len(venue.exits)} exits; features "
        "are numbered and listed.",
        "density": f"Map of the highest density at each place. The highest is {number(density['max_per_m2'])} people "
        f"per square metre {place(density['at'], levels)}.",
        "exposure": "Map of the time spent above 4 people per square metre"
        + (f": {number(exposure)} person-seconds in all." if exposure is not None else "."),
        "egress": "Curves of attendees entered, inside and exited over time. Half were out by "
        f"{clock(summary.get('t50_s'))}, the last by {clock(summary.get('egress_time_s'))} (min:s or h:min:s); "
        f"{number(people['inside'])} were inside at the end.",
        "flows": f"Flow over time at each of {len(exits)} exits; the table of flows has the figures.",
        "lines": "Flow over time at doors, measurement lines and ways between levels; the table has the figures.",
        "queues": "Numbers waiting at each service over time; the table of queues has the figures.",
    }
    captions = {
        "plan": "The venue, doors and exits as they were set.",
        "density": "The highest density at each place over the run, in level-of-service colours.",
        "exposure": "Time spent above 4 people/m², the limit for moving crowds.",
        "egress": "How the venue fills and empties.",
        "flows": "Flow at the exits.",
        "lines": "Flow at doors, measurement lines and ways between levels.",
        "queues": "How many wait at services.",
    }
    return {
        name: Picture(name, address(content.pictures[name]), words[name], captions[name])
        for name in words
        if name in content.pictures
    }


def address(png: bytes) -> str:
    """Return an address that holds a PNG file itself."""
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
