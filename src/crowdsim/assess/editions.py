"""The documents, with their editions, of the sets of criteria that a run is judged by."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any, NamedTuple

from crowdsim.assess.published import changes_of, left_out
from crowdsim.scenario.schema import ScenarioConfig


class Document(NamedTuple):
    """A document that a packaged set is from."""

    title: str
    edition: str


DOCUMENTS = {
    "standard": Document("Three limits from the Green Guide, one from the literature", "Green Guide: 6th ed., 2018"),
    "green_guide": Document("Guide to Safety at Sports Grounds (Green Guide), SGSA", "6th ed., 2018"),
    "open_air_events": Document(
        "Fire Safety Risk Assessment: Open Air Events and Venues, HM Government; steps: Green Guide",
        "2007; Green Guide: 4th ed., 1997",
    ),
    "nfpa130": Document(
        "NFPA 130, Standard for Fixed Guideway Transit and Passenger Rail Systems", "not stated by what was read"
    ),
    "rimea": Document("RiMEA, Guideline for Microscopic Evacuation Analysis", "4.1.1; IMO MSC.1/Circ.1533 (2016)"),
    "fruin_los": Document("Fruin, Pedestrian Planning and Design", "1971"),
    "still_density": Document("Still's limits for moving and standing crowds", "as its criteria state"),
    "crowd_pressure": Document("Crowd pressure and oscillation, research papers", "as its criteria state"),
}
"""Of the packaged sets. Each criterion's source says how the document was read."""

OWN = Document("The scenario's own", "as its criteria state")


def rule_editions(config: ScenarioConfig) -> list[dict[str, Any]]:
    """Return each set with its document and edition, how many criteria judge, and what was changed or left out.

    Its hash is of the criteria as published, and so the same wherever the set is the same.
    """
    missing = left_out(config)
    found = []
    for key, criteria in config.published.items():
        document = DOCUMENTS.get(key, Document(f"A set beside the scenario: {key}", OWN.edition))
        judging = [name for name in criteria if name in config.criteria]
        text = json.dumps({name: asdict(one) for name, one in criteria.items()}, sort_keys=True)
        found.append(
            {
                "set": key,
                **document._asdict(),
                "sources": sorted({one.source for one in criteria.values()}),
                "criteria": len(judging),
                "changed": [name for name in judging if changes_of(config, name, config.criteria[name])],
                "left_out": missing.get(key, []),
                "sha256": hashlib.sha256(text.encode()).hexdigest(),
            }
        )
    of_sets = {name for criteria in config.published.values() for name in criteria}
    own = {name: one for name, one in config.criteria.items() if name not in of_sets}
    if own:
        sources = sorted({one.source for one in own.values()})
        empty: dict[str, Any] = {"changed": [], "left_out": [], "sha256": None}
        found.append({"set": None, **OWN._asdict(), "sources": sources, "criteria": len(own), **empty})
    return found
