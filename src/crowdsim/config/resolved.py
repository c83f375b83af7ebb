"""Writing a scenario's whole configuration, so that a run can be repeated from its folder."""

from __future__ import annotations

import dataclasses
import pickle
from functools import lru_cache
from typing import Any

from crowdsim.scenario.feature import Scenario
from crowdsim.scenario.resolved import RESOLVED, options_of
from crowdsim.scenario.yaml_file import dump_yaml

VENUE_IN_FOLDER = "venue.geojson"

ENTRIES_KEPT = 256
"""Texts kept (our choice), those of a few scenarios: the runs of a sweep differ in one or two keys."""

HEADER = """\
# The whole configuration of a run. Every value is written out, nothing is taken from the options under
# `defaults`: they say where values came from.
# `crowdsim run` on this file repeats the run bit for bit.
"""


def resolved_yaml(scenario: Scenario) -> str:
    """Return the text of a run folder's `config.yaml`: chosen config groups, then every value."""
    values = _plain(scenario.config)
    # The venue file in the run folder has the features that the scenario adds, too.
    values |= {"scenario": scenario.name, "venue": VENUE_IN_FOLDER, "added": {}}
    body = {RESOLVED: True, "defaults": _defaults(scenario.choices), **values}
    return HEADER + "".join(_entry(pickle.dumps({key: value})) for key, value in body.items())


@lru_cache(maxsize=ENTRIES_KEPT)
def _entry(pickled: bytes) -> str:
    """Return the text of one key at the top and its value."""
    return dump_yaml(pickle.loads(pickled))


def _defaults(choices: dict[str, str]) -> list[dict[str, Any]]:
    """Return the options chosen as they are written: several as a list."""
    several = {group: options_of(option) for group, option in choices.items()}
    return [{group: names if len(names) > 1 else choices[group]} for group, names in several.items()]


def _plain(value: Any) -> Any:
    """Return mappings for dataclasses and lists for tuples, all the way down: what YAML can hold."""
    if dataclasses.is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
