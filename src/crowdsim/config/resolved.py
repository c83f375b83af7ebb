"""Writing a scenario's whole configuration, so that a run can be repeated from its folder."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from crowdsim.scenario.feature import Scenario
from crowdsim.scenario.yaml_file import dump_yaml

VENUE_IN_FOLDER = "venue.geojson"

HEADER = """\
# The whole configuration of a run, every value written out.
# `crowdsim run` on this file repeats the run bit for bit.
"""


def resolved_yaml(scenario: Scenario) -> str:
    """Return the text of a run folder's `config.yaml`: chosen config groups, then every value."""
    values = _plain(dataclasses.asdict(scenario.config))
    values |= {"scenario": scenario.name, "venue": VENUE_IN_FOLDER}
    body = {"defaults": [{group: option} for group, option in scenario.choices.items()], **values}
    return HEADER + dump_yaml(body)


def _plain(value: Any) -> Any:
    """Return what YAML can hold: lists for tuples, and `${` so that it is not taken for an interpolation."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, str):
        # OmegaConf's escapes: backslashes before ${ are doubled, and one more makes it literal.
        return re.sub(r"(\\*)\$\{", r"\1\1\\${", value)
    return value
