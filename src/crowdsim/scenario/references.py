"""Whether the names that a scenario uses exist, and fit what they are used for.

Works on plain values, not on the typed configuration, so that names are checked beside other mistakes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from crowdsim.errors import Problem, suggest
from crowdsim.scenario.bodies import least_clearance
from crowdsim.scenario.condition import QUEUE, read_condition
from crowdsim.scenario.feature import KINDS, Feature
from crowdsim.scenario.geojson import VenueFile
from crowdsim.scenario.itinerary import NEAREST
from crowdsim.scenario.steward import QUICKEST
from crowdsim.scenario.validate import Place
from crowdsim.scenario.venue_settings import PASSAGES, PLACEMENTS
from crowdsim.scenario.yaml_file import KeyPath

AT_START = "at_start"

OVER_TIME = ("constant", "poisson", "table", "counts", "pulses")
"""The kinds of arrival of those who come through entrances."""

MULTIPLE_TOLERANCE = 1e-6
"""Relative rounding allowed when one time must be a multiple of another."""


REPLACEABLE = ("walkable", "obstacle", "door", "exit")
"""Kinds of features that can be added and removed during a run: what people come from and go to stays."""

CLEARING = ("keep_clear", "clear_no_longer")
"""What is done to zones, which are there from the start or never."""

FEW = 3
"""As many features are named where many have the same mistake."""


class _Finding(NamedTuple):
    path: KeyPath
    found: str
    allowed: str


class _Names:
    """The names there are to refer to; a broken feature's name passes for any kind, its mistake is known."""

    def __init__(self, values: Mapping[str, Any], venue: VenueFile) -> None:
        self.by_kind: dict[str, dict[str, Feature]] = {}
        for feature in venue.features:
            self.by_kind.setdefault(feature.kind, {})[feature.name] = feature
        self.broken = venue.broken
        self.profiles = _mapping(values.get("profiles"))
        self.mixes = _mapping(values.get("mixes"))
        self.services = _mapping(values.get("services"))
        self.programme = _mapping(values.get("programme"))
        self._exits = _mapping(values.get("exits"))
        settings = [item for key in PASSAGES | PLACEMENTS for item in _mapping(values.get(key)).items()]
        self.left_out = {name for name, setting in settings if _mapping(setting).get("enabled") is False}

    def of(self, *kinds: str) -> dict[str, Feature]:
        """Return the features of the given kinds by name."""
        return {name: feature for kind in kinds for name, feature in self.by_kind.get(kind, {}).items()}

    def is_open(self, name: str) -> bool:
        """Tell whether an exit is open: as the scenario says, else as drawn."""
        is_open = bool(_mapping(self._exits.get(name)).get("open", self.by_kind["exit"][name].open))
        return is_open and name not in self.left_out


def find_reference_problems(values: Mapping[str, Any], venue: VenueFile, place: Place) -> list[Problem]:
    """Return every name in a scenario's values that does not exist, or cannot be used so.

    Values of the wrong type are passed over: validation reports them.
    """
    findings = [*_steps(values), *_strides(values), *_mixes(values)]
    if venue.readable:
        names = _Names(values, venue)
        findings += _passages(values, names)
        findings += _placements(values, names)
        findings += _levels(values, names)
        findings += _interventions(values, names)
        for name, group in _mapping(values.get("attendees")).items():
            findings += _group(("attendees", name), _mapping(group), names)
        findings += _services(values, names)
        findings += _stewards(values, names)
        findings += _zones(("refuges",), values.get("refuges"), names)
        for name, item in names.programme.items():
            findings += _zones(("programme", name, "zone"), _mapping(item).get("zone"), names)
        findings += _targets(values, names)
        findings += _judged(values, names)
    return [Problem(*place(finding.path), finding.found, finding.allowed) for finding in findings]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _texts(value: Any) -> list[str]:
    """Return the names in a name, a list of names, or a mapping of names to shares."""
    values = [value] if isinstance(value, str) else value if isinstance(value, (list, tuple, Mapping)) else []
    return [text for text in values if isinstance(text, str) and text]


def _steps(values: Mapping[str, Any]) -> Iterator[_Finding]:
    interval: Any = _mapping(values.get("output")).get("sample_interval_s")
    step: Any = _mapping(values.get("movement")).get("step_s")
    if not all(isinstance(time, (int, float)) and 0 < time < math.inf for time in (interval, step)):
        return
    steps = interval / step
    if round(steps) < 1 or abs(steps - round(steps)) > MULTIPLE_TOLERANCE * steps:
        path = ("output", "sample_interval_s")
        yield _Finding(path, f"{interval:g} s", f"a multiple of movement.step_s ({step:g} s)")


def _strides(values: Mapping[str, Any]) -> Iterator[_Finding]:
    """Yield the movement step if somebody's step is longer than people keep from walls: it could cross one."""
    step: Any = _mapping(values.get("movement")).get("step_s")
    mixes = _mapping(values.get("mixes"))
    groups = _mapping(values.get("attendees")).values()
    taken = [name for group in groups for name in _texts(_mapping(group).get("profile"))]
    used = {profile for name in taken for profile in _texts(mixes.get(name, name))}
    profiles = [_mapping(profile) for name, profile in _mapping(values.get("profiles")).items() if name in used]
    fastest: list[Any] = [_mapping(profile.get("free_speed_m_s")).get("max") for profile in profiles]
    radii = [_mapping(profile.get("body_radius_m")) for profile in profiles]
    bodies: list[Any] = [(radius.get("mean"), radius.get("min")) for radius in radii]
    known = [step, *fastest, *(value for body in bodies for value in body)]
    if not profiles or not all(isinstance(v, (int, float)) and 0 < v < math.inf for v in known):
        return
    margin = least_clearance(bodies)
    longest = margin / max(fastest)
    if step >= longest:
        found = f"{step:g} s, in which people walk up to {step * max(fastest):.2g} m"
        allowed = f"less than {longest:.3g} s: the smallest body's radius ({margin:g} m) at {max(fastest):g} m/s"
        yield _Finding(("movement", "step_s"), found, allowed)


def _mixes(values: Mapping[str, Any]) -> Iterator[_Finding]:
    """Yield mixes of profiles that there are not, and those that have a profile's name."""
    profiles = _mapping(values.get("profiles"))
    for name, mix in _mapping(values.get("mixes")).items():
        if name in profiles:
            yield _Finding(("mixes", name), f"mix {name!r}, which is a profile's name", "a name of its own")
        for profile in _texts(mix):
            if profile not in profiles:
                yield _Finding(("mixes", name, profile), f"profile {profile!r}", suggest(profile, profiles))


def _passages(values: Mapping[str, Any], names: _Names) -> Iterator[_Finding]:
    for key, kind in PASSAGES.items():
        known = names.of(kind)
        for name, setting in _mapping(values.get(key)).items():
            if name in names.broken:
                continue
            if name not in known:
                yield _Finding((key, name), f"{kind} {name!r}, which the venue does not have", suggest(name, known))
            elif _mapping(setting).get("width_m") is not None and not known[name].line:
                yield _Finding(
                    (key, name, "width_m"),
                    f"a width for exit {name!r}, which is drawn as an area",
                    "no width_m here: the width follows from the drawing",
                )


def _placements(values: Mapping[str, Any], names: _Names) -> Iterator[_Finding]:
    for key, kind in PLACEMENTS.items():
        known = names.of(kind)
        for name in _mapping(values.get(key)):
            if name not in known and name not in names.broken:
                what = kind.replace("_", " ")
                yield _Finding((key, name), f"{what} {name!r}, which the venue does not have", suggest(name, known))


def _interventions(values: Mapping[str, Any], names: _Names) -> Iterator[_Finding]:
    """Yield what interventions name that is not there, or cannot be changed so."""
    given = values.get("interventions")
    passages = names.of(*PASSAGES.values())
    lanes = names.of("queue")
    can = {
        "open": passages | lanes,
        "close": passages | lanes,
        "hold": names.of("entrance", "door", "exit"),
        "release": names.of("entrance", "door", "exit"),
        "add": names.of(*REPLACEABLE),
        "remove": names.of(*REPLACEABLE),
        "move_m": names.of("obstacle"),
        "one_way": names.of("door"),
        "both_ways": names.of("door"),
        "keep_clear": names.of("zone"),
        "clear_no_longer": names.of("zone"),
        "width_m": {name: feature for name, feature in names.of("door", "exit").items() if feature.line},
    }
    for k, intervention in enumerate(given if isinstance(given, (list, tuple)) else ()):
        here = ("interventions", k)
        yield from _condition((*here, "when"), _mapping(intervention).get("when"), names)
        announced = _mapping(_mapping(intervention).get("announce"))
        yield from _zones((*here, "announce", "zones"), announced.get("zones"), names)
        yield from _exits((*here, "announce", "exit"), announced.get("exit"), names, may_open=True)
        for verb, known in can.items():
            for name in _texts(_mapping(intervention).get(verb)):
                path = (*here, verb)
                if verb in CLEARING and name in known and name in names.left_out:
                    yield _Finding(path, f"zone {name!r}, which is not enabled", "a zone that is there")
                if name not in known and name not in names.broken:
                    everything = names.of(*KINDS)
                    if name in everything:
                        found = f"{everything[name].kind.replace('_', ' ')} {name!r}"
                        yield _Finding(path, found, f"for {verb}: {suggest(name, known)}")
                    else:
                        yield _Finding(path, f"{name!r}, which the venue does not have", suggest(name, known))


def _condition(path: KeyPath, text: object, names: _Names) -> Iterator[_Finding]:
    """Yield the place of a condition if there is none of that name and kind."""
    condition = read_condition(text) if isinstance(text, str) else None
    if condition is None or condition.place in names.broken:
        return
    if condition.place in names.left_out:
        yield _Finding(path, f"{condition.place!r}, which is not enabled", "a place that is there")
        return
    if condition.quantity == QUEUE:
        used = [queue for service in names.services.values() for queue in _texts(_mapping(service).get("queues"))]
        if condition.place not in names.services and condition.place not in used:
            known = [*names.services, *used]
            yield _Finding(path, f"{condition.place!r}, no service or queue of one", suggest(condition.place, known))
    elif condition.place not in names.of("zone", "measurement_area"):
        known = [*names.of("zone", "measurement_area")]
        yield _Finding(path, f"{condition.place!r}, no zone or measurement area", suggest(condition.place, known))


def _levels(values: Mapping[str, Any], names: _Names) -> Iterator[_Finding]:
    """Yield levels that there are not, features on none, and ways between levels that do not lead up."""
    levels = _mapping(values.get("levels"))
    missing: dict[str, list[str]] = {}
    for feature in names.of(*KINDS).values():
        wanted = [feature.level, feature.rise.to_level] if feature.rise else [feature.level]
        for level in wanted:
            if level not in levels and (level or levels):
                missing.setdefault(level, []).append(f"{feature.kind} {feature.name!r}")
        if feature.rise and all(level in levels for level in wanted):
            low, high = (_mapping(levels.get(level)).get("elevation_m") for level in wanted)
            if isinstance(low, (int, float)) and isinstance(high, (int, float)) and not high > low:
                ways = f"from level {wanted[0]!r} ({low:g} m) to {wanted[1]!r} ({high:g} m)"
                found = f"{feature.kind} {feature.name!r} {ways}"
                yield _Finding(("levels",), found, "a to_level above its level; its line begins at the lower end")
    for level, features in missing.items():
        few = ", ".join(features[:FEW]) + (f" and {len(features) - FEW} more" if len(features) > FEW else "")
        if not level:
            yield _Finding(("levels",), f"no level for {few}", f"a property 'level' for each: {', '.join(levels)}")
        else:
            allowed = suggest(level, levels) if levels else "entries such as 'ground: {elevation_m: 0}' under 'levels'"
            yield _Finding(("levels",), f"level {level!r} of {few}, which is not listed", allowed)


def _group(path: KeyPath, group: Mapping[str, Any], names: _Names) -> Iterator[_Finding]:
    for start in _texts(group.get("start")):
        yield from _start(path, start, _mapping(group.get("arrival", {"kind": AT_START})).get("kind"), names)
    for profile in _texts(group.get("profile")):
        if profile not in names.profiles and profile not in names.mixes:
            allowed = suggest(profile, [*names.profiles, *names.mixes])
            yield _Finding((*path, "profile"), f"profile {profile!r}", allowed)
    yield from _exits((*path, "choice", "knows"), _mapping(group.get("choice")).get("knows"), names, may_open=True)
    for here, leg in _legs(path, group):
        yield from _zones((*here, "goal"), leg.get("goal"), names)
        yield from _exits((*here, "exit"), leg.get("exit"), names)
        for key, known in (("service", names.services), ("event", names.programme)):
            for name in _texts(leg.get(key)):
                if name not in known:
                    yield _Finding((*here, key), f"{key} {name!r}", suggest(name, known))


def _legs(path: KeyPath, group: Mapping[str, Any]) -> Iterator[tuple[KeyPath, Mapping[str, Any]]]:
    """Yield the legs of a group's itinerary, its alternatives among them, and what its people do for their needs."""
    itinerary = group.get("itinerary")
    for k, leg in enumerate(itinerary if isinstance(itinerary, (list, tuple)) else ()):
        here = (*path, "itinerary", k)
        yield here, _mapping(leg)
        several = _mapping(leg).get("one_of")
        for j, one in enumerate(several if isinstance(several, (list, tuple)) else ()):
            yield (*here, "one_of", j), _mapping(one)
    for name, need in _mapping(group.get("needs")).items():
        yield (*path, "needs", name), _mapping(need)


def _targets(values: Mapping[str, Any], names: _Names) -> Iterator[_Finding]:
    """Yield what zones are to face, and doors to be passed to, that is not there, or on another level."""
    everything = names.of(*KINDS)
    said: list[tuple[KeyPath, str, Any]] = [
        ((key, name, setting), name, _mapping(value).get(setting))
        for key, setting in (("zones", "towards"), ("doors", "one_way"))
        for name, value in _mapping(values.get(key)).items()
    ]
    given = values.get("interventions")
    replaced: set[str] = set()
    for k, intervention in enumerate(given if isinstance(given, (list, tuple)) else ()):
        one_way = _mapping(_mapping(intervention).get("one_way"))
        said += [(("interventions", k, "one_way", name), name, towards) for name, towards in one_way.items()]
        replaced.update(name for verb in ("remove", "move_m") for name in _texts(_mapping(intervention).get(verb)))
    for path, name, target in said:
        if not isinstance(target, str) or target in names.broken:
            continue
        if target not in everything:
            yield _Finding(path, f"{target!r}, which the venue does not have", suggest(target, everything))
        elif target in names.left_out:
            yield _Finding(path, f"{target!r}, which is not enabled", "a feature that is there")
        elif name in everything and everything[target].level != everything[name].level:
            yield _Finding(path, f"{target!r} on another level", f"a feature on level {everything[name].level!r}")
        elif target in replaced and "one_way" in path:
            found = f"{target!r}, which an intervention removes or moves"
            yield _Finding(path, found, "a feature that stays where it is, or [x, y] of a point")


def _services(values: Mapping[str, Any], names: _Names) -> Iterator[_Finding]:
    """Yield queues and counters that are not there, or belong to two services."""
    used: dict[str, str] = {}
    groups = _mapping(values.get("attendees"))
    for name, service in _mapping(values.get("services")).items():
        for queue, kinds in _mapping(_mapping(service).get("reserved")).items():
            for kind in _texts(kinds):
                if kind not in groups and kind not in names.profiles:
                    here = ("services", name, "reserved", queue)
                    yield _Finding(here, f"{kind!r}, no group or profile", suggest(kind, [*groups, *names.profiles]))
        for key, kind in (("queues", "queue"), ("counter", "counter")):
            for feature in _texts(_mapping(service).get(key)):
                path = ("services", name, key)
                known = names.of(kind)
                if feature in names.broken:
                    continue
                if feature not in known:
                    yield _Finding(path, f"{feature!r}, no {kind}", suggest(feature, known))
                elif feature in names.left_out:
                    yield _Finding(path, f"{kind} {feature!r}, which is not enabled", f"a {kind} that is there")
                elif used.setdefault(feature, name) != name:
                    yield _Finding(path, f"{kind} {feature!r} of service {used[feature]!r} too", "one of its own")


def _stewards(values: Mapping[str, Any], names: _Names) -> Iterator[_Finding]:
    """Yield zones, exits and groups of stewards that are not there, and points that tell no level."""
    groups = _mapping(values.get("attendees"))
    for name, steward in _mapping(values.get("stewards")).items():
        here = ("stewards", name)
        at = _mapping(steward).get("at")
        if isinstance(at, str):
            yield from _zones((*here, "at"), at, names)
        elif at is not None and _mapping(values.get("levels")):
            found = "a point in a venue with levels"
            yield _Finding((*here, "at"), found, f"a zone: {', '.join(names.of('zone')) or 'one drawn there'}")
        if _mapping(steward).get("exit", QUICKEST) != QUICKEST:
            yield from _exits((*here, "exit"), _mapping(steward).get("exit"), names, may_open=True, or_else=QUICKEST)
        for group in _texts(_mapping(steward).get("groups")):
            if group not in groups:
                yield _Finding((*here, "groups"), f"group {group!r}", suggest(group, groups))


def _judged(values: Mapping[str, Any], names: _Names) -> Iterator[_Finding]:
    """Yield zones, areas, lines and services that criteria are about and that are not there."""
    kinds = {
        "region": set(names.of("zone", "measurement_area")),
        "lines": set(names.of("door", "measurement_line", "exit", "stair", "ramp", "escalator")),
        "services": set(_mapping(values.get("services"))),
    }
    for name, criterion in _mapping(values.get("criteria")).items():
        for key, known in kinds.items():
            for wanted in _texts(_mapping(criterion).get(key)):
                if wanted not in known - names.left_out:
                    yield _Finding(("criteria", name, key), repr(wanted), suggest(wanted, known - names.left_out))


def _zones(path: KeyPath, zones: object, names: _Names) -> Iterator[_Finding]:
    """Yield names that are no zones, or of zones that are not there."""
    for zone in _texts(zones):
        if zone not in names.of("zone") and zone not in names.broken:
            yield _Finding(path, f"{zone!r}, no zone", suggest(zone, names.of("zone")))
        elif zone in names.left_out:
            yield _Finding(path, f"zone {zone!r}, which is not enabled", "a zone that is there")


def _start(path: KeyPath, start: str, arrival: object, names: _Names) -> Iterator[_Finding]:
    if start in names.broken:
        return
    if start in names.left_out:
        yield _Finding((*path, "start"), f"{start!r}, which is not enabled", "a zone or entrance that is there")
    elif start not in names.of("zone", "entrance"):
        found = f"{start!r}, no zone or entrance"
        yield _Finding((*path, "start"), found, suggest(start, names.of("zone", "entrance")))
    elif start in names.of("zone") and arrival in OVER_TIME:
        entrances = names.of("entrance")
        other = f", or a start that is an entrance: {', '.join(sorted(entrances))}" if entrances else ""
        yield _Finding((*path, "arrival"), f"arrivals over time in zone {start!r}", f"kind {AT_START}{other}")
    elif start in names.of("entrance") and arrival == AT_START:
        allowed = f"kind {', '.join(OVER_TIME)}, or a start that is a zone"
        yield _Finding((*path, "arrival"), f"no arrival times for entrance {start!r}", allowed)


def _exits(
    path: KeyPath, exits: object, names: _Names, *, may_open: bool = False, or_else: str = NEAREST
) -> Iterator[_Finding]:
    """Yield names that are no exits, or of closed ones, unless they may be open later.

    Parameters
    ----------
    or_else : what may stand in place of exits.
    """
    known = names.of("exit")
    usable = [name for name in known if may_open or names.is_open(name)]
    if exits == or_else:
        if not usable and not names.broken:
            yield _Finding(path, "no open exit in the venue", "at least one open exit")
        return
    for name in _texts(exits):
        if name not in known and name not in names.broken:
            others = [*known, or_else] if isinstance(exits, str) else known
            yield _Finding(path, f"{name!r}, no exit", suggest(name, others))
        elif name in known and name not in usable:
            yield _Finding(path, f"exit {name!r}, which is closed", f"an open exit: {', '.join([*usable, or_else])}")
