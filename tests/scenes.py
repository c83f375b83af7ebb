"""Small scenarios built in memory for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter

from crowdsim.scenario.feature import Feature, Kind, Scenario
from crowdsim.scenario.schema import ScenarioConfig

CONFIGS = Path(__file__).parent.parent / "configs"

Points = list[tuple[float, float]]


def area(name: str, kind: Kind, ring: Points, *holes: Points) -> Feature:
    rings = tuple(tuple((float(x), float(y)) for x, y in (*r, r[0])) for r in (ring, *holes))
    return Feature(name, kind, polygons=(rings,))


def rectangle(x0: float, y0: float, x1: float, y1: float) -> Points:
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def line(name: str, kind: Kind, *points: tuple[float, float], **settings: Any) -> Feature:
    return Feature(name, kind, line=tuple((float(x), float(y)) for x, y in points), **settings)


def movement(option: str, **changes: Any) -> dict[str, Any]:
    """Return the values of an option of the config group `movement`, keys replaced."""
    return {**yaml.safe_load((CONFIGS / "movement" / f"{option}.yaml").read_text()), **changes}


def scenario(features: list[Feature], attendees: dict[str, Any], **config: Any) -> Scenario:
    """Return a scenario with the standard configuration, keys of `config` replaced (groups merged)."""
    values: dict[str, Any] = {"title": "test", "duration_s": 300.0, "attendees": attendees}
    for group, choice in {"movement": "collision_free_speed"}.items():
        values[group] = yaml.safe_load((CONFIGS / group / f"{choice}.yaml").read_text())
    for group in ("profiles", "mixes", "output", "measure", "criteria"):
        values[group] = yaml.safe_load((CONFIGS / group / "standard.yaml").read_text())
    for key, value in config.items():
        whole = key == "criteria" or "model" in value if isinstance(value, dict) else True
        values[key] = value if whole or key not in values else {**values[key], **value}
    passages = {
        key: {
            f.name: {"width_m": f.line_width_m if f.line else None, "open": f.open} for f in features if f.kind == kind
        }
        for key, kind in (("doors", "door"), ("exits", "exit"))
    }
    values = {**values, "scenario": "test", **{k: {**v, **values.get(k, {})} for k, v in passages.items()}}
    choices = {"movement": "collision_free_speed"}
    choices |= dict.fromkeys(("profiles", "mixes", "output", "measure", "criteria"), "standard")
    config = TypeAdapter(ScenarioConfig).validate_python(values)
    return Scenario("test", Path(), config, tuple(features), choices)


def hall(width: float, depth: float, count: int, *, door: float = 1.0, **config: Any) -> Scenario:
    """Return a hall from (0, 0) to (width, depth) whose crowd leaves by an exit in the middle of the right wall."""
    features = [
        area("hall", "walkable", rectangle(0, 0, width, depth)),
        area("crowd", "zone", rectangle(0, 0, width, depth)),
        line("out", "exit", (width, depth / 2 - door / 2), (width, depth / 2 + door / 2)),
    ]
    return scenario(features, {"all": {"start": "crowd", "count": count}}, **config)
