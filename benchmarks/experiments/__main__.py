"""The command line: simulate, measure both sides, print the table, draw the pictures."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import benchmarks.experiments as package
from benchmarks.experiments import pictures, tables
from benchmarks.experiments.comparison import EXPERIMENTS, compare
from benchmarks.experiments.data import MissingDataError
from crowdsim import CrowdSimError

BAD_INPUT = 2
"""Exit code for files that are missing and keys that do not exist."""


def main(arguments: list[str] | None = None) -> int:
    """Run the comparison; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.experiments",
        description=package.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder with the experiments' files")
    parser.add_argument("--only", choices=list(EXPERIMENTS), action="append", help="may be given several times")
    parser.add_argument("--seeds", type=int, default=10, help="simulations of each run")
    parser.add_argument("--movement", metavar="NAME", help="a movement model's config, as in movement=NAME")
    parser.add_argument("--processes", type=int, default=1, help="simulations at once")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write tables and pictures there")
    parser.add_argument("--refresh", type=Path, metavar="PAGE", help="replace the table in this page")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="as for crowdsim run")
    given = parser.parse_intermixed_args(arguments)
    for name in ("seeds", "processes"):
        if getattr(given, name) < 1:
            parser.error(f"--{name} {getattr(given, name)}: at least 1")
    overrides = [f"movement={given.movement}"] if given.movement else []
    try:
        comparison = compare(
            given.only or list(EXPERIMENTS), given.data, given.seeds, [*overrides, *given.overrides], given.processes
        )
        if given.refresh:
            tables.refresh(given.refresh, comparison)
        if given.out:
            given.out.mkdir(parents=True, exist_ok=True)
            (given.out / "figures.json").write_text(tables.as_json(comparison) + "\n", encoding="utf-8")
            (given.out / "figures.md").write_text(tables.markdown(comparison), encoding="utf-8")
            pictures.draw(comparison, given.out)
    except (MissingDataError, CrowdSimError, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    if given.json:
        print(tables.as_json(comparison))
    else:
        tables.show(comparison)
    return 0


if __name__ == "__main__":
    sys.exit(main())
