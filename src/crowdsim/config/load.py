"""Loading a scenario: files and overrides in, a checked `Scenario` out."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.core.override_parser.types import Override

from crowdsim.config.compose import (
    COMMAND_LINE,
    as_literals,
    compose_values,
    find_unknown_choices,
    find_unknown_keys,
    group_choices,
    key_overrides,
    override_texts,
    parse_overrides,
    set_by,
)
from crowdsim.config.inputs import hash_files
from crowdsim.config.paths import SCENARIO_FILE, bundled_scenarios, options
from crowdsim.config.sets import is_file, place_in_sets, read_sets, set_path, unknown_sets, with_sets
from crowdsim.errors import Problem, ScenarioError, suggest
from crowdsim.population.at_start import find_crowded_starts
from crowdsim.scenario.arrivals_file import COLUMN_OF, read_rows
from crowdsim.scenario.feature import Feature, Scenario
from crowdsim.scenario.geojson import VenueFile, read_features, with_added
from crowdsim.scenario.references import find_reference_problems
from crowdsim.scenario.resolved import CRITERIA, GROUPS, NO_VALUES, PUBLISHED, RESOLVED, choices_in, options_of
from crowdsim.scenario.schema import ScenarioConfig
from crowdsim.scenario.validate import Place, validate
from crowdsim.scenario.venue_settings import PASSAGES, PLACEMENTS
from crowdsim.scenario.yaml_file import KeyPath, YamlFile, read_yaml
from crowdsim.venue.checks import find_problems

STANDARD_CHOICES = {
    "movement": "collision_free_speed",
    "profiles": "standard",
    "mixes": "standard",
    "output": "standard",
    "measure": "standard",
    "criteria": "standard",
}
"""The option of each config group that a scenario gets if it names none."""

PLACED_AS_DRAWN: dict[str, Any] = {"enabled": True, "move_m": [0.0, 0.0]}
"""The defaults of `Placement` as they would be written."""

GROUP_DEFAULTS: dict[str, Any] = {
    "count": None,
    "profile": "adult",
    "arrival": {"kind": "at_start"},
    "pre_movement": {"distribution": "constant", "value_s": 0.0},
    "itinerary": [{"exit": "nearest"}],
    "no_show": 0.0,
    "late": None,
    "parties": [],
    "needs": {},
    "choice": None,
}
"""The defaults of `AttendeeGroup` as they would be written."""


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
    if not isinstance(file.data.get(RESOLVED, False), bool):
        where = f"line {file.line_of((RESOLVED,))}: {RESOLVED}"
        problems.append(Problem(file.name, where, repr(file.data[RESOLVED]), "true or false"))
    venue_name = _venue_name(file, parsed)
    if not file.data and not (path.parent / venue_name).exists():
        raise ScenarioError(problems)
    venue = read_features(path.parent / venue_name)
    problems += venue.problems
    if not file.data:
        raise ScenarioError(problems)

    values, place, more = _compose(file, venue, choices, parsed, path.parent)
    problems += more
    if not values:
        raise ScenarioError(problems)
    unread, arrival_files = _read_arrivals(values, path.parent)
    problems += unread
    venue, mistakes = with_added(venue, values.get("added"), place)
    problems += mistakes
    config, invalid = validate(values, place)
    unresolved = {(problem.file, problem.where) for problem in more}
    problems += [problem for problem in invalid if (problem.file, problem.where) not in unresolved]
    problems += find_reference_problems(values, venue, place)
    if problems or config is None:
        raise ScenarioError(problems)
    name = config.scenario or path.resolve().parent.name
    resolved = file.data.get(RESOLVED) is True
    chosen = group_choices(parsed).get(CRITERIA, "") if resolved else choices[CRITERIA]
    sets = [set_path(one, path.parent) for one in options_of(chosen) if is_file(one)]
    inputs = hash_files(path.parent, [path, path.parent / venue_name, *sets, *arrival_files])
    scenario = Scenario(name, path.parent, config, venue.features, choices, inputs, tuple(overrides))
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
    try:
        is_folder, has_file = path.is_dir(), (path / SCENARIO_FILE).is_file()
    except OSError as error:
        found = f"a path that cannot be used ({error.strerror})"
        raise ScenarioError([Problem(str(source)[:60], "", found, suggest("", bundled))]) from error
    if has_file:
        return path / SCENARIO_FILE
    if is_folder:
        raise ScenarioError([Problem(str(source), "", f"a folder without {SCENARIO_FILE}", "a scenario folder")])
    if path.suffix in (".yaml", ".yml"):
        return path
    found = "no bundled scenario and no folder or file of this name"
    raise ScenarioError([Problem(str(source), "", found, suggest(str(source), bundled))])


def _choices(file: YamlFile, chosen: dict[str, str]) -> tuple[dict[str, str], list[Problem]]:
    """Return the config groups' options: standard, overlaid by the file's `defaults`, overlaid by overrides.

    Options that do not exist are problems and left out.
    """
    defaults = file.data.get("defaults", [])
    where = f"line {file.line_of(('defaults',))}: defaults"
    problems = []
    own: dict[str, str] = {}
    if isinstance(defaults, list) and all(
        isinstance(entry, dict) and all(_is_option(*choice) for choice in entry.items()) for entry in defaults
    ):
        own = choices_in(defaults)
        problems += find_unknown_choices(own, file.name, where)
    else:
        allowed = "a list such as [{movement: collision_free_speed}]"
        problems.append(Problem(file.name, where, repr(defaults), allowed))
    problems += find_unknown_choices(chosen, COMMAND_LINE, "")
    known = {group: option for group, option in (own | chosen).items() if group in GROUPS and _exists(group, option)}
    return STANDARD_CHOICES | known, problems


def _is_option(group: object, option: object) -> bool:
    several = group == CRITERIA and isinstance(option, list) and all(isinstance(name, str) for name in option)
    return several or isinstance(option, str)


def _exists(group: str, option: str) -> bool:
    return not unknown_sets(option, "", "") if group == CRITERIA else option in options(group)


def _venue_name(file: YamlFile, overrides: Sequence[Override]) -> str:
    names = [file.data.get("venue"), *(o.value() for o in overrides if o.key_or_group == "venue")]
    given = [name for name in names if isinstance(name, str) and name]
    return given[-1] if given else "venue.geojson"


def _compose(
    file: YamlFile, venue: VenueFile, choices: dict[str, str], overrides: list[Override], folder: Path
) -> tuple[dict[str, Any], Place, list[Problem]]:
    """Return all values, a function that tells where each was set, and what was wrong with the overrides."""

    def place_in_files(key: KeyPath) -> tuple[str, str]:
        dotted = ".".join(str(step) for step in key)
        line = file.line_of(key)
        if len(key) > 1 and key[0] == PUBLISHED:  # the same mistake, told once
            key = (CRITERIA, *key[2:])
        in_set = place_in_sets(key, sets) if key and key[0] == CRITERIA and key not in file.lines else None
        if in_set:
            return in_set
        if line is None and key and key[0] in choices:
            return f"configs/{key[0]}/{choices[str(key[0])]}.yaml", dotted
        return file.name, f"line {line}: {dotted}" if line else dotted

    def place(key: KeyPath) -> tuple[str, str]:
        override = set_by(overrides, key)
        return (COMMAND_LINE, repr(override)) if override else place_in_files(key)

    def may_be_there(key: str) -> bool:
        kind, _, name = key.partition(".")
        placed = kind in PASSAGES or kind in PLACEMENTS
        return kind == "added" or (placed and (not venue.readable or name.split(".")[0] in venue.broken))

    chosen = group_choices(overrides)
    resolved = file.data.get(RESOLVED) is True
    data = as_literals(file.data) if resolved else file.data
    written = _with_defaults(data, venue.features, set(chosen))
    taken = {group: choices[group] for group in (chosen if resolved else choices)}
    sets, problems_of_sets = read_sets(taken.pop(CRITERIA, ""), folder)
    if sets:
        written[CRITERIA] = with_sets(written.get(CRITERIA), sets)
        written[PUBLISHED] = {criteria.name: criteria.file.data for criteria in sets}
    base, base_problems = compose_values(written, taken, [], place_in_files)
    base_problems += problems_of_sets
    unknown_there = written.keys() - base if resolved else (written.keys() - base) | ({PUBLISHED} & file.data.keys())
    problems = [
        Problem(*place_in_files((key,)), f"unknown key {key!r}", suggest(key, base.keys() - {PUBLISHED}))
        for key in sorted(unknown_there)
    ]
    keyed = key_overrides(overrides)
    if not base or not keyed:
        return base, place, base_problems + (problems if base else [])
    there = base | {
        key: {f.name: PLACED_AS_DRAWN for f in venue.features if f.kind == kind} | base[key]
        for key, kind in PLACEMENTS.items()
        if isinstance(base.get(key), dict)
    }
    unknown = find_unknown_keys([o for o in keyed if not may_be_there(o.key_or_group)], there)
    problems += unknown.values()
    known = [override for override in keyed if override.input_line not in unknown]
    values, more = compose_values(written, taken, override_texts(known, base), place)
    return values, place, problems_of_sets + problems + more


def _with_defaults(data: dict[str, Any], features: tuple[Feature, ...], chosen: set[str]) -> dict[str, Any]:
    """Return the file's values with the defaults of the others, and the venue's doors, exits and ways between levels.

    The values of config groups that an override chooses anew are left out: they belong to another option.
    """
    values = {key: value for key, value in data.items() if key not in (*NO_VALUES, *chosen)}
    for field in dataclasses.fields(ScenarioConfig):
        default = _default(field)
        if field.name not in GROUPS and default is not dataclasses.MISSING:
            values.setdefault(field.name, default)
    groups = values.get("attendees")
    if isinstance(groups, dict):
        values["attendees"] = {
            name: GROUP_DEFAULTS | group if isinstance(group, dict) else group for name, group in groups.items()
        }
    for key, kind in PASSAGES.items():
        given = values[key]
        drawn: dict[str, Any] = {
            f.name: {**PLACED_AS_DRAWN, "width_m": f.line_width_m if f.line else None, "open": f.open}
            | ({"one_way": list(f.one_way) if isinstance(f.one_way, tuple) else f.one_way} if kind == "door" else {})
            for f in features
            if f.kind == kind
        }
        if isinstance(given, dict):
            both = {name: drawn[name] | given[name] for name in drawn if isinstance(given.get(name), dict)}
            values[key] = drawn | given | both
    return values


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def _read_arrivals(values: dict[str, Any], folder: Path) -> tuple[list[Problem], list[Path]]:
    """Replace arrival files by the rows they hold, so that what follows sees rows only; return problems and files."""
    problems, files = [], []
    groups = values.get("attendees")
    for group in groups.values() if isinstance(groups, dict) else ():
        arrival = group.get("arrival") if isinstance(group, dict) else None
        if not isinstance(arrival, dict) or arrival.get("rows"):
            continue
        name, column = arrival.get("file"), COLUMN_OF.get(str(arrival.get("kind")))
        if isinstance(name, str) and column:
            files.append(folder / name)
            rows, found = read_rows(folder / name, column)
            problems += found
            if rows and not found:
                arrival["rows"] = rows
                arrival["file"] = None
    return list(dict.fromkeys(problems)), files
