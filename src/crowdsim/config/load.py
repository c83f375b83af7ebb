"""Loading a scenario: files and overrides in, a checked `Scenario` out."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from crowdsim.config.compose import (
    COMMAND_LINE,
    changed_by,
    compose_values,
    find_unknown_choices,
    find_unknown_keys,
    group_choices,
    parse_overrides,
)
from crowdsim.config.paths import SCENARIO_FILE, bundled_scenarios
from crowdsim.errors import Problem, ScenarioError, suggest
from crowdsim.population.plan import find_crowded_starts
from crowdsim.scenario.arrivals_file import read_rates
from crowdsim.scenario.feature import Feature, Scenario
from crowdsim.scenario.geojson import read_features
from crowdsim.scenario.references import find_reference_problems
from crowdsim.scenario.resolved import GROUPS, choices_in
from crowdsim.scenario.schema import AttendeeGroup, ScenarioConfig
from crowdsim.scenario.validate import validate
from crowdsim.scenario.yaml_file import KeyPath, YamlFile, read_yaml
from crowdsim.venue.checks import find_problems

STANDARD_CHOICES = {
    "movement": "collision_free_speed",
    "profiles": "standard",
    "output": "standard",
    "measure": "standard",
    "criteria": "standard",
}
"""The option of each config group that a scenario gets if it names none."""


def load_scenario(source: str | Path, overrides: Sequence[str] = ()) -> Scenario:
    """Load and check a scenario.

    Parameters
    ----------
    source : a bundled scenario's name, or the path of a scenario folder or its YAML file.
    overrides : `KEY=VALUE` in Hydra's override grammar, for any key of the scenario, named features
        (`doors.north.width_m=2`) and config groups (`profiles=standard`).

    Raises
    ------
    ScenarioError
        With everything wrong with the files and overrides.
    """
    path = find_scenario(source)
    file, problems = read_yaml(path)
    parsed, override_problems = parse_overrides(overrides)
    problems += override_problems
    choices, choice_problems = _choices(file, group_choices(parsed))
    problems += choice_problems
    venue_name = _venue_name(file)
    features, venue_problems = read_features(path.parent / venue_name)
    if not file.data or choice_problems:
        raise ScenarioError(problems + venue_problems)

    values = _with_defaults(file.data, features, set(group_choices(parsed)))
    base, base_problems = compose_values(values, choices, [])
    problems += base_problems
    keyed = [o for o in parsed if o.key_or_group not in GROUPS or o.key_or_group not in group_choices(parsed)]
    if base_problems:
        raise ScenarioError(problems + venue_problems)
    unknown = find_unknown_keys(keyed, base)
    problems += unknown.values()
    known = [str(o.input_line) for o in keyed if o.input_line not in unknown]
    values, known_problems = compose_values(values, choices, known)
    if known_problems:
        raise ScenarioError(problems + known_problems + venue_problems)

    def place(key: KeyPath) -> tuple[str, str]:
        dotted = ".".join(str(step) for step in key)
        override = changed_by(parsed, key)
        if override:
            return COMMAND_LINE, repr(override)
        line = file.line_of(key)
        if line is None and key and key[0] in choices:
            return f"configs/{key[0]}/{choices[str(key[0])]}.yaml", dotted
        return file.name, f"line {line}: {dotted}" if line else dotted

    problems += _read_arrivals(values, path.parent)
    config, config_problems = validate(values, place)
    problems += config_problems
    if config is None:
        raise ScenarioError(problems + venue_problems)
    # Names that belong to features with mistakes of their own would be reported twice.
    if not venue_problems:
        problems += find_reference_problems(config, features, place)
    if problems or venue_problems:
        raise ScenarioError(problems + venue_problems)
    name = config.scenario or path.resolve().parent.name
    scenario = Scenario(name, path.parent, dataclasses.replace(config, venue=venue_name), features, choices)
    problems = find_problems(scenario) or find_crowded_starts(scenario)
    if problems:
        raise ScenarioError(problems)
    return scenario


def find_scenario(source: str | Path) -> Path:
    """Return the path of a scenario's YAML file; raises ScenarioError if there is none."""
    path = Path(source)
    bundled = bundled_scenarios()
    if str(source) in bundled:
        return bundled[str(source)] / SCENARIO_FILE
    if path.is_dir():
        if (path / SCENARIO_FILE).is_file():
            return path / SCENARIO_FILE
        raise ScenarioError(
            [Problem(str(source), "", f"a folder without {SCENARIO_FILE}", "a scenario folder")]
        )
    if path.suffix in (".yaml", ".yml"):
        return path
    found = "no bundled scenario and no folder or file of this name"
    raise ScenarioError([Problem(str(source), "", found, suggest(str(source), bundled))])


def _choices(file: YamlFile, chosen: dict[str, str]) -> tuple[dict[str, str], list[Problem]]:
    """Return the config groups' options: standard, overlaid by the file's `defaults`, overlaid by overrides."""
    defaults = file.data.get("defaults", [])
    where = f"line {file.line_of(('defaults',))}: defaults"
    well_formed = isinstance(defaults, list) and all(
        isinstance(entry, dict) and all(isinstance(option, str) for option in entry.values())
        for entry in defaults
    )
    if not well_formed:
        return {}, [
            Problem(file.name, where, repr(defaults), "a list such as [{movement: collision_free_speed}]")
        ]
    own = choices_in(defaults)
    problems = find_unknown_choices(own, file.name, where) + find_unknown_choices(chosen, COMMAND_LINE, "")
    return STANDARD_CHOICES | own | chosen, problems


def _venue_name(file: YamlFile) -> str:
    name = file.data.get("venue", "venue.geojson")
    return name if isinstance(name, str) and name else "venue.geojson"


def _with_defaults(data: dict[str, Any], features: tuple[Feature, ...], chosen: set[str]) -> dict[str, Any]:
    """Return the file's values with every other key there is, so that overrides can name it.

    The values of config groups that an override chooses anew are left out: they belong to another option.
    """
    values = {key: value for key, value in data.items() if key != "defaults" and key not in chosen}
    for field in dataclasses.fields(ScenarioConfig):
        if field.name in GROUPS or field.name in values:
            continue
        default = _default(field)
        if default is not dataclasses.MISSING:
            values[field.name] = default
    groups = values.get("attendees")
    if isinstance(groups, dict):
        values["attendees"] = {name: _group_with_defaults(group) for name, group in groups.items()}
    for key, kind in (("doors", "door"), ("exits", "exit")):
        given = values.get(key)
        if isinstance(given, dict):
            drawn = {
                f.name: {"width_m": f.line_width_m if f.line else None, "open": f.open}
                for f in features
                if f.kind == kind
            }
            values[key] = {
                name: {**drawn.get(name, {}), **given[name]}
                if isinstance(given.get(name, {}), dict) and name in given
                else given.get(name, drawn.get(name))
                for name in dict.fromkeys([*drawn, *given])
            }
    return values


def _group_with_defaults(group: Any) -> Any:
    if not isinstance(group, dict):
        return group
    defaults = {"arrival": {"kind": "at_start"}, "pre_movement": {"distribution": "constant", "value_s": 0.0}}
    defaults |= {"profile": "adult", "count": None, "itinerary": [{"exit": "nearest"}]}
    assert set(defaults) <= {field.name for field in dataclasses.fields(AttendeeGroup)}
    return {**defaults, **group}


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def _read_arrivals(values: dict[str, Any], folder: Path) -> list[Problem]:
    """Replace arrival files by the rows they hold, so that what follows sees rows only."""
    problems = []
    groups = values.get("attendees")
    for group in groups.values() if isinstance(groups, dict) else ():
        arrival = group.get("arrival") if isinstance(group, dict) else None
        name = arrival.get("file") if isinstance(arrival, dict) else None
        if isinstance(name, str) and isinstance(arrival, dict) and not arrival.get("rows"):
            rows, found = read_rates(folder / name)
            problems += found
            if rows and not found:
                arrival["rows"] = rows
                arrival["file"] = None
    return problems
