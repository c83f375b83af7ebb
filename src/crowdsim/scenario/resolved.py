"""Reading back the configuration and venue that a run folder holds."""

from __future__ import annotations

from pathlib import Path

from crowdsim.errors import ScenarioError
from crowdsim.scenario.feature import Scenario
from crowdsim.scenario.geojson import read_features
from crowdsim.scenario.validate import validate
from crowdsim.scenario.yaml_file import KeyPath, read_yaml

GROUPS = ("movement", "profiles", "mixes", "output", "measure", "criteria")
"""The config groups: each is a folder of `configs/` and a key of the scenario."""

CRITERIA = "criteria"
"""The config group of which several options may be chosen at a time; their names are joined by commas."""

PUBLISHED = "published"
"""Key of the sets of criteria as they are without what a scenario changes of them; nobody writes it by hand."""

RESOLVED = "resolved"
"""Key of a configuration in which every value is written out: nothing is taken from the config groups."""

NO_VALUES = ("defaults", RESOLVED)
"""Keys that say where values come from."""


def choices_in(defaults: object) -> dict[str, str]:
    """Return the option chosen for each config group in a `defaults` list of single-key mappings."""
    chosen: dict[str, str] = {}
    for entry in defaults if isinstance(defaults, list) else []:
        chosen |= {group: joined(option) for group, option in entry.items()}
    return chosen


def joined(option: object) -> str:
    """Return several options as one text; a single one as it is."""
    return ",".join(map(str, option)) if isinstance(option, (list, tuple)) else str(option)


def options_of(option: str) -> list[str]:
    """Return the options that a text stands for."""
    return [name.strip() for name in option.split(",") if name.strip()]


def load_resolved(folder: Path, config_name: str, venue_name: str) -> Scenario:
    """Read a configuration in which every value is written out, and its venue.

    Raises
    ------
    ScenarioError
        If either file is missing or has been made invalid.
    """
    file, problems = read_yaml(folder / config_name)
    venue = read_features(folder / venue_name)
    problems += venue.problems
    values = {key: value for key, value in file.data.items() if key not in NO_VALUES}

    def place(path: KeyPath) -> tuple[str, str]:
        return file.name, f"line {file.line_of(path)}: {'.'.join(map(str, path))}"

    config = None
    if not problems:
        config, problems = validate(values, place)
    if config is None:
        raise ScenarioError(problems)
    return Scenario(config.scenario, folder, config, venue.features, choices_in(file.data.get("defaults")))
