"""Which points of what is varied are simulated: all of them, one key at a time, or a sample."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crowdsim.config.axes import Axis, Choices, Interval
from crowdsim.errors import MissingExtraError, Problem

Float64 = NDArray[np.float64]

Setting = tuple[tuple[str, str, Any], ...]
"""Keys that are set, the text and the value of each."""

GRID, ONE_AT_A_TIME = "grid", "one_at_a_time"
RANDOM, LATIN_HYPERCUBE, SOBOL, SALTELLI = "random", "latin_hypercube", "sobol", "saltelli"
SAMPLED = (RANDOM, LATIN_HYPERCUBE, SOBOL, SALTELLI)
DESIGNS = (GRID, ONE_AT_A_TIME, *SAMPLED)

DESIGN, SAMPLES = "--design", "--samples"
COMMAND_LINE = "command line"


@dataclass(frozen=True, slots=True)
class Point:
    """One arm of a sweep: what it sets.

    Attributes
    ----------
    number : from 0, in the order of the design.
    overrides : what is set, as it would be written on the command line; keys left out are as the scenario has them.
    values : of every key that is varied, as they stand in the table; None where the scenario's own value holds.
    """

    number: int
    overrides: tuple[str, ...]
    values: dict[str, Any]


def find_problems(design: str, axes: Sequence[Axis], samples: int | None) -> list[Problem]:
    """Return what does not go together in a design."""
    problems = []
    if design not in DESIGNS:
        problems.append(Problem(COMMAND_LINE, DESIGN, repr(design), ", ".join(DESIGNS)))
        return problems
    if design == GRID:
        problems += [
            Problem(COMMAND_LINE, axis.key, "an interval in a grid", f"values, or {DESIGN} {LATIN_HYPERCUBE}")
            for axis in axes
            if isinstance(axis, Interval)
        ]
    if design not in SAMPLED and samples is not None:
        found = f"{samples} for the design {design}"
        problems.append(Problem(COMMAND_LINE, SAMPLES, found, f"nothing, or {DESIGN} {' or '.join(SAMPLED)}"))
    if design in SAMPLED and samples is None:
        problems.append(Problem(COMMAND_LINE, SAMPLES, "nothing", f"how many points the design {design} has"))
    if design in SAMPLED and not axes:
        problems.append(Problem(COMMAND_LINE, DESIGN, "nothing to vary", "KEY=interval(LOW,HIGH) or KEY=A,B,C"))
    if design in (SOBOL, SALTELLI) and samples and samples & (samples - 1):
        nearest = 1 << samples.bit_length()
        problems.append(
            Problem(COMMAND_LINE, SAMPLES, str(samples), f"a power of two, such as {nearest} (Sobol' 1967)")
        )
    return problems


def make_points(design: str, axes: Sequence[Axis], samples: int | None, seed: int) -> list[Point]:
    """Return the points of a design, which `find_problems` has nothing against.

    Parameters
    ----------
    samples : of the sampled designs; `saltelli` has so many for each key, and twice as many more.
    seed : of what is drawn: the same one gives the same points.
    """
    if design == GRID:
        settings: Iterator[Setting] = product(*(_all_of(axis) for axis in axes))
    elif design == ONE_AT_A_TIME:
        settings = iter([(), *((one,) for axis in axes for one in _all_of(axis))])
    else:
        settings = (setting_at(axes, shares) for shares in draw(design, len(axes), samples or 0, seed))
    once = {tuple((key, text) for key, text, _ in one): one for one in settings}  # drawn choices may come twice
    return [_point(number, setting, axes) for number, setting in enumerate(once.values())]


def setting_at(axes: Sequence[Axis], shares: Float64) -> Setting:
    """Return what is set at a place in the unit cube, which has a side for each key."""
    return tuple(_at(axis, share) for axis, share in zip(axes, shares.tolist(), strict=True))


def overrides_of(setting: Setting) -> tuple[str, ...]:
    """Return what is set as it would be written on the command line."""
    return tuple(f"{key}={text}" for key, text, _ in setting)


def _point(number: int, setting: Setting, axes: Sequence[Axis]) -> Point:
    values: dict[str, Any] = {axis.key: None for axis in axes} | {key: value for key, _, value in setting}
    return Point(number, overrides_of(setting), values)


def each_alone(axes: Sequence[Axis]) -> Iterator[tuple[str, ...]]:
    """Yield overrides in which every value of every key stands once: enough to find mistakes in any of them."""
    for axis in axes:
        for key, text, _ in _all_of(axis):
            yield (f"{key}={text}",)


def _all_of(axis: Axis) -> list[tuple[str, str, Any]]:
    """Return all values of a key; of an interval its ends."""
    if isinstance(axis, Choices):
        return [(axis.key, text, value) for text, value in zip(axis.texts, axis.values, strict=True)]
    return [_at(axis, 0.0), _at(axis, 1.0)]


def _at(axis: Axis, share: float) -> tuple[str, str, Any]:
    """Return the value of a key at a share of its range, 0 to 1."""
    if isinstance(axis, Choices):
        k = min(int(share * len(axis.texts)), len(axis.texts) - 1)
        return axis.key, axis.texts[k], axis.values[k]
    if axis.whole:
        value: float = min(int(axis.low) + int(share * (axis.high - axis.low + 1)), int(axis.high))
    else:
        value = axis.low + share * (axis.high - axis.low)
    return axis.key, repr(value), value


def draw(design: str, keys: int, samples: int, seed: int) -> Float64:
    """Return the places of a sampled design in the unit cube, (points, keys)."""
    return _SAMPLERS[design](keys, samples, seed)


def _random(keys: int, samples: int, seed: int) -> Float64:
    return np.random.default_rng(seed).random((samples, keys))


def _latin_hypercube(keys: int, samples: int, seed: int) -> Float64:
    """Return a Latin hypercube: in every key, one point in each of as many equal parts as there are points."""
    from scipy.stats import qmc  # noqa: PLC0415 slow to load, and of use here only

    return np.asarray(qmc.LatinHypercube(keys, rng=np.random.default_rng(seed)).random(samples))


def _sobol(keys: int, samples: int, seed: int) -> Float64:
    """Return a scrambled Sobol' sequence (Sobol' 1967; Owen 1995)."""
    from scipy.stats import qmc  # noqa: PLC0415

    return np.asarray(qmc.Sobol(keys, rng=np.random.default_rng(seed)).random(samples))


def _saltelli(keys: int, samples: int, seed: int) -> Float64:
    """Return Saltelli's extension of a Sobol' sequence (Saltelli et al. 2010, Comput. Phys. Commun. 181:259).

    Two independent samples, and for each key the first one with that key's column of the second.

    Raises
    ------
    MissingExtraError
        If SALib is not installed.
    """
    salib = import_salib()
    cube = {"num_vars": keys, "names": [str(k) for k in range(keys)], "bounds": [[0.0, 1.0]] * keys}
    return np.asarray(salib.sample.sobol.sample(cube, samples, calc_second_order=False, seed=seed))


def import_salib() -> Any:
    """Return SALib; raises MissingExtraError if it is not installed."""
    try:
        import SALib.analyze.sobol  # noqa: PLC0415
        import SALib.sample.sobol  # noqa: PLC0415
    except ImportError as error:
        msg = f"{DESIGN} {SALTELLI} needs SALib: pip install 'crowdsim[search]'"
        raise MissingExtraError(msg) from error
    return SALib


_SAMPLERS: dict[str, Callable[[int, int, int], Float64]] = {
    RANDOM: _random,
    LATIN_HYPERCUBE: _latin_hypercube,
    SOBOL: _sobol,
    SALTELLI: _saltelli,
}
