"""Errors that crowdsim raises on purpose, one per stage; every one is a `CrowdSimError`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the input, said so that the reader can mend it.

    Attributes
    ----------
    file : name of the file (or `command line`) that holds the mistake.
    where : key path, feature name or line within that file.
    found : what stands there.
    allowed : what would be right.
    """

    file: str
    where: str
    found: str
    allowed: str

    def __str__(self) -> str:
        where = f": {self.where}" if self.where else ""
        return f"{self.file}{where}: found {self.found}; allowed: {self.allowed}"


class CrowdSimError(Exception):
    """Base of all errors that crowdsim raises on purpose."""


class ScenarioError(CrowdSimError, ValueError):
    """A scenario or venue cannot be used; `problems` lists everything wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class RunFolderError(CrowdSimError, OSError):
    """A run folder cannot be used: not writable, holds another run, or is incomplete."""


class RecordingError(CrowdSimError, OSError):
    """Recording stopped, for instance because the disk is full; what was recorded stays readable."""


class SimulationError(CrowdSimError, RuntimeError):
    """The simulation itself failed."""


class MissingExtraError(CrowdSimError, ImportError):
    """An optional dependency is needed for what was asked; the message names the extra to install."""


LISTED = 16
"""How many known names a message lists: more would hide the one looked for (our choice)."""

ALIKE = 0.6
"""How alike two names must be for one to be suggested for the other: difflib's own default ratio."""


def suggest(wrong: str, known: Iterable[str]) -> str:
    """Return what is allowed instead of `wrong`: a close match if there is one, then the known names."""
    names = sorted(known)
    if not names:
        return "none are defined here"
    close = get_close_matches(wrong, names, n=1, cutoff=ALIKE)
    listed = ", ".join(names[:LISTED]) + (", ..." if len(names) > LISTED else "")
    if not close:
        return f"one of: {listed}" if len(names) > 1 else f"only {listed}"
    return f"did you mean {close[0]!r}?" + (f" ({listed})" if len(names) > 1 else "")
