"""What differs between arms: configuration, figures with their intervals, and which changes are material."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crowdsim.experiment.arm_folders import RunArm
from crowdsim.experiment.changes import ChangedKey, find_changes
from crowdsim.experiment.estimates import Difference, difference, mean_of
from crowdsim.experiment.wording import CRITERIA, is_headline, label_of, sentence

MATERIAL_CHANGE = 0.05
"""Changes smaller than this share of the first arm's value are not material (our choice)."""

SINGLE_RUN_CHANGE = 0.10
"""The same for single runs, of which no interval is known (our choice: twice as large, to leave room for chance)."""

MOST_TOLD = 12
"""How many changes of the configuration are told in words (our choice); tables and compare.json have all."""

LEVEL = 0.05
"""Chance of calling any figure of a comparison changed that has not: shared out among the figures (Bonferroni)."""

RULE = (
    "A change is material if a headline figure (values of criteria, people, times, densities, exposures, flows, waits) "
    f"changes by {100 * MATERIAL_CHANGE:g} % or more and not by chance, at a level of {LEVEL:g} shared out among the "
    f"headline figures (Bonferroni); of single runs, by {100 * SINGLE_RUN_CHANGE:g} % or more, which may be chance; "
    "or if it has a value in one arm only. So is a change of verdict: no run of one arm ends as one of the other."
)


@dataclass(frozen=True, slots=True)
class ComparedFigure:
    """A figure in two arms.

    Attributes
    ----------
    means : of the runs of each arm that have a value; None if none has.
    difference : None if an arm has no value of it.
    missing : in how many runs of each arm it has none.
    material : whether the change is, by `RULE`.
    text : the change in a sentence, of headline figures.
    """

    key: str
    means: tuple[float | None, float | None]
    difference: Difference | None
    missing: tuple[int, int]
    material: bool
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """One arm beside the first one."""

    first: RunArm
    second: RunArm
    changes: list[ChangedKey]
    figures: list[ComparedFigure]

    @property
    def paired(self) -> list[int]:
        """The seeds that both arms have."""
        return sorted(set(self.first.figures) & set(self.second.figures))

    @property
    def changed(self) -> list[str]:
        """What was changed, in words: all of it, or the first of many."""
        words = [f"assuming {self.second.assuming}"] if self.second.assuming else []
        words += [change.words for change in self.changes]
        more = len(words) - MOST_TOLD
        return words if more <= 0 else [*words[:MOST_TOLD], f"and {more} more keys"]

    @property
    def material(self) -> list[str]:
        """What the change does: a sentence for each material change, that of the verdict first."""
        one, two = (set(arm.verdicts.values()) for arm in (self.first, self.second))
        verdict = [] if one & two else [f"verdicts of the runs: {self.verdicts[0]}; then {self.verdicts[1]}"]
        return verdict + [figure.text for figure in self.figures if figure.material]

    @property
    def verdicts(self) -> tuple[str, str]:
        """The verdicts of each arm's runs, counted, in words."""
        counts = (Counter(arm.verdicts.values()) for arm in (self.first, self.second))
        one, two = (", ".join(f"{n} {verdict}" for verdict, n in sorted(runs.items())) for runs in counts)
        return one, two

    @property
    def how(self) -> str:
        """How the figures were compared, in a sentence."""
        common, n = self.paired, (len(self.first.figures), len(self.second.figures))
        if len(common) > 1:
            return f"{len(common)} pairs of runs with the same seeds; 95 % intervals of the differences (paired t)"
        if min(n) > 1:
            return f"{n[0]} and {n[1]} runs with different seeds; 95 % intervals (Welch)"
        return f"{n[0]} and {n[1]} run{'s' if max(n) > 1 else ''}: no intervals, the differences may be chance"

    def document(self) -> dict[str, Any]:
        """Return the comparison for `compare.json`."""
        return {
            "first": self.first.name,
            "second": self.second.name,
            "seeds": [sorted(arm.figures) for arm in (self.first, self.second)],
            "how": self.how,
            "verdicts": self.verdicts,
            "changes": [
                {"key": change.key, "before": change.before, "after": change.after, "words": change.words}
                for change in self.changes
            ],
            "figures": [_row(figure) for figure in self.figures],
            "material": self.material,
        }


def _row(figure: ComparedFigure) -> dict[str, Any]:
    found = figure.difference
    row: dict[str, Any] = {"key": figure.key, "label": label_of(figure.key), "missing": figure.missing}
    row |= {"first": figure.means[0], "second": figure.means[1]}
    if found:
        row |= {
            "change": found.change,
            "relative": found.relative,
            "ci95": found.ci95,
            "p": found.p,
            "method": found.method,
            "n": found.n,
        }
    return row | {"material": figure.material}


def compare(arms: Sequence[RunArm]) -> list[Comparison]:
    """Return each further arm beside the first one."""
    return [Comparison(arms[0], arm, find_changes(arms[0].scenario, arm.scenario), _figures(arms[0], arm))
            for arm in arms[1:]]  # fmt: skip


def _figures(first: RunArm, second: RunArm) -> list[ComparedFigure]:
    keys = dict.fromkeys(key for arm in (first, second) for run in arm.figures.values() for key in run)
    pairs = {key: (_values(first, key), _values(second, key)) for key in keys}
    found = {key: difference(a, b) if a and b else None for key, (a, b) in pairs.items()}
    tested = sum(one is not None and one.p is not None and is_headline(key) for key, one in found.items())
    compared = []
    for key, (a, b) in pairs.items():
        missing = len(first.figures) - len(a), len(second.figures) - len(b)
        material = is_headline(key) and _is_material(found[key], bool(a) != bool(b), tested)
        means = mean_of(list(a.values())).mean, mean_of(list(b.values())).mean
        text = sentence(key, means, found[key], missing, (first, second)) if is_headline(key) else ""
        compared.append(ComparedFigure(key, means, found[key], missing, material, text))
    return sorted(compared, key=lambda figure: not figure.key.startswith(CRITERIA))


def _values(arm: RunArm, key: str) -> dict[int, float]:
    return {seed: value for seed, run in arm.figures.items() if (value := run.get(key)) is not None}


def _is_material(found: Difference | None, in_one_only: bool, tested: int) -> bool:
    if found is None:
        return in_one_only
    if found.change == 0:
        return False
    relative = abs(found.relative) if found.relative is not None else float("inf")
    if found.p is None:
        return relative >= SINGLE_RUN_CHANGE
    return relative >= MATERIAL_CHANGE and found.p < LEVEL / max(tested, 1)
