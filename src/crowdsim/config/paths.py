"""Where the bundled configuration and scenarios are."""

from __future__ import annotations

from pathlib import Path


def _bundled(name: str) -> Path:
    """Return a bundled folder: in the installed package, or at the top of the source tree."""
    package = Path(__file__).resolve().parent.parent
    installed = package / name
    return installed if installed.is_dir() else package.parent.parent / name


CONFIGS = _bundled("configs")
SCENARIOS = _bundled("scenarios")

TEMPLATE = "_template"
"""The scenario that `crowdsim new` copies; names with a leading underscore are not listed."""

SCENARIO_FILE = "scenario.yaml"


def bundled_scenarios() -> dict[str, Path]:
    """Return the folders of the bundled scenarios by name."""
    found = sorted(path.parent for path in SCENARIOS.glob(f"*/{SCENARIO_FILE}"))
    return {folder.name: folder for folder in found if not folder.name.startswith("_")}


def options(group: str) -> list[str]:
    """Return the names of the options of a config group."""
    return sorted(path.stem for path in (CONFIGS / group).glob("*.yaml"))
