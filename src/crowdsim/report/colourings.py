"""What people are coloured by on moving pictures: classes of speed and density with their colours, and groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from crowdsim.report.style import DENSITY_CLASSES, DENSITY_COLOURS, DENSITY_STEPS_PER_M2


@dataclass(frozen=True, slots=True)
class Colouring:
    """Classes of a quantity.

    Attributes
    ----------
    steps : where each class begins, the first at 0.
    classes : a letter for each class; empty for none.
    """

    title: str
    unit: str
    steps: tuple[float, ...]
    colours: tuple[str, ...]
    classes: tuple[str, ...] = ()

    @property
    def key(self) -> list[str]:
        """What each class is, in words."""
        texts = [f"{low:g} to {high:g}" for low, high in pairwise(self.steps)] + [f"above {self.steps[-1]:g}"]
        letters = [f"{letter}: " for letter in self.classes] or [""] * len(texts)
        return [f"{letter}{text} {self.unit}" for letter, text in zip(letters, texts, strict=True)]

    def pick(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the class of each value; the first for those not known (NaN)."""
        known = np.where(np.isfinite(values), values, 0.0)
        return np.asarray(np.searchsorted(self.steps, known, side="right") - 1, np.int64)


SPEED = Colouring(
    "Speed",
    "m/s",
    (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.2),
    ("#440154", "#46327e", "#365c8d", "#277f8e", "#1fa187", "#4ac16d", "#86d549"),
)
"""Walkers with room do 1.2 to 1.5 m/s. The colours are viridis up to where it is too light for white floors."""

DENSITY = Colouring(
    "Density around the person",
    "/m²",
    (0.0, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0),
    ("#fde3c0", "#fdc38d", "#fb8861", "#e75263", "#b73779", "#832681", "#51127c", "#1d1147"),
)
"""Even steps from 1 /m2 on, light to dark, as in magma."""

SERVICE = Colouring(
    "Level of service, walkways (Fruin 1971)", "/m²", DENSITY_STEPS_PER_M2, DENSITY_COLOURS, DENSITY_CLASSES
)

COLOURINGS = {"speed": SPEED, "density": DENSITY, "service": SERVICE}

GROUP = "group"
WAYS = (*COLOURINGS, GROUP)
"""What people can be coloured by."""

GROUP_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
"""Okabe and Ito (2008), Color Universal Design: told apart with every kind of colour blindness. Black and yellow, which
floors and outlines hide, are left out; with more groups than colours they repeat."""


def group_colours(groups: Sequence[str]) -> tuple[str, ...]:
    """Return a colour for each group."""
    return tuple(GROUP_COLOURS[k % len(GROUP_COLOURS)] for k in range(len(groups)))
