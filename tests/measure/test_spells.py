"""How long places are above a density, and how long people are: known stays, and every cell by itself."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import area, rectangle, scenario

from crowdsim.kernels.spells import LONGEST, LONGEST_FROM, TOTAL, UNTIL, extend_spells
from crowdsim.measure import measure
from measure.runs import Person, write_run

ONE_PERSON = 1 / (2 * math.pi * 0.5**2)


def group(n: int, *stays: tuple[float, float]) -> list[Person]:
    """Return n people in the middle of a cell during each of these stays."""
    return [Person(((a, 5.25, 5.25), (b, 5.25, 5.25)), exit="out") for a, b in stays for _ in range(n)]


def test_the_longest_stay_and_all_of_them(tmp_path: Path) -> None:
    features = [
        area("room", "walkable", rectangle(0, 0, 10, 10)),
        area("left", "zone", rectangle(0, 0, 5.2, 10)),
        area("right", "zone", rectangle(5.2, 0, 10, 10)),
        area("spot", "measurement_area", rectangle(5, 5, 5.5, 5.5)),
        area("out", "exit", rectangle(9, 9, 10, 10)),
    ]
    setting = scenario(features, {"all": {"start": "left", "count": 1}})
    people = group(7, (10, 20), (30, 55), (60, 70)) + group(2, (60, 70))
    measures = measure(write_run(tmp_path, setting, people, until_s=100.0))
    four, five, seven = (measures.time_above[level] for level in (4.0, 5.0, 7.0))
    assert 4 < 7 * ONE_PERSON < 5 < 9 * ONE_PERSON < 7
    assert four.longest is not None and five.longest is not None
    assert (four.longest.value, four.longest.time_s) == (25.0, 30.0)
    assert (four.longest.x, four.longest.y) == pytest.approx((5.25, 5.25))
    assert four.total_s.max() == 45.0
    assert (five.longest.value, five.longest.time_s, five.total_s.max()) == (10.0, 60.0, 10.0)
    assert seven.longest is None and not seven.total_s.any()
    assert measures.exposure_by_place["left"][4.0] == 0.0
    assert measures.exposure_by_place["right"][4.0] == measures.exposure_by_place["spot"][4.0]
    assert measures.exposure_by_place["spot"][4.0] == pytest.approx(7 * 45 + 2 * 10)
    assert measures.exposure_by_place["spot"][5.0] == pytest.approx(9 * 10)


@settings(max_examples=50, deadline=None)
@given(values=st.lists(st.lists(st.sampled_from([0.0, 1.0, 2.5, 4.5, 8.0]), min_size=3, max_size=3), max_size=30))
def test_spells_agree_with_looking_at_each_cell_by_itself(values: list[list[float]]) -> None:
    levels, counts = np.array([2.0, 4.0]), np.array([True, True, False])
    spells = np.zeros((2, 5, 3))
    spells[:, UNTIL] = -np.inf
    for k, row in enumerate(values):
        density = np.array(row)
        extend_spells(density, np.flatnonzero(density), counts, levels, 0.5 * k, 0.5, spells)
    for j, level in enumerate(levels):
        for cell in range(2):
            above = "".join("x" if row[cell] > level else " " for row in values)
            longest = max((len(part) for part in above.split()), default=0)
            assert spells[j, TOTAL, cell] == 0.5 * above.count("x")
            assert spells[j, LONGEST, cell] == 0.5 * longest
            if longest:
                assert spells[j, LONGEST_FROM, cell] == 0.5 * above.index("x" * longest)
        assert not spells[j, TOTAL, 2].any()
