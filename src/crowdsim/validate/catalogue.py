"""All cases, in order."""

from __future__ import annotations

from collections.abc import Sequence

from crowdsim.errors import Problem, ScenarioError, suggest
from crowdsim.validate import analytic, imo, iso, nist, rimea
from crowdsim.validate.case import Case

CASES: tuple[Case, ...] = (*rimea.CASES, *imo.CASES, *nist.CASES, *iso.CASES, *analytic.CASES)

COMMAND_LINE = "command line"


def select(names: Sequence[str] = (), *, quick: bool = False, cases: Sequence[Case] | None = None) -> tuple[Case, ...]:
    """Return the cases named, or all; with `quick`, only those of the quick selection among them.

    A suite's name (`rimea`, `imo`, `nist`, `iso`, `analytic`) stands for all of its cases.

    Raises
    ------
    ScenarioError
        With every name that is not known.
    """
    every = CASES if cases is None else cases
    problems = find_unknown(names, every)
    if problems:
        raise ScenarioError(problems)
    wanted = {name.lower() for name in names}
    return tuple(
        case
        for case in every
        if (not wanted or case.id in wanted or case.suite.lower() in wanted) and (case.quick or not quick)
    )


def find_unknown(names: Sequence[str], cases: Sequence[Case] | None = None) -> list[Problem]:
    """Return the names that are neither a case's nor a suite's."""
    every = CASES if cases is None else cases
    known = {case.id for case in every} | {case.suite.lower() for case in every}
    return [
        Problem(COMMAND_LINE, "CASE", repr(name), suggest(name.lower(), known))
        for name in dict.fromkeys(names)
        if name.lower() not in known
    ]
