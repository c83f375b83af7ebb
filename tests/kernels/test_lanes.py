"""Sixteen numbers at a time: the same in compiled kernels as in plain Python."""

import numba
import numpy as np
import pytest

from crowdsim.kernels.lanes import (
    LANES,
    any_of,
    bits_of,
    count_of,
    first_lanes,
    fused,
    larger,
    least,
    load,
    lowest,
    one_over_root,
    rounded,
    select,
    smaller,
    spread,
    store,
    times_power_of_two,
    total,
)

A = np.random.default_rng(1).uniform(-2, 2, (3, 40)).astype(np.float32)
CASES = {
    "load": (lambda a: total(load(a, 1, 5)), A[1, 5 : 5 + LANES].sum()),
    "spread": (lambda a: total(spread(a[0, 0])), LANES * A[0, 0]),
    "add": (lambda a: total(load(a, 0, 0) + load(a, 1, 3)), (A[0, :16] + A[1, 3:19]).sum()),
    "subtract": (lambda a: total(load(a, 0, 0) - load(a, 1, 3)), (A[0, :16] - A[1, 3:19]).sum()),
    "multiply": (lambda a: total(load(a, 0, 0) * load(a, 1, 3)), (A[0, :16] * A[1, 3:19]).sum()),
    "rounded": (lambda a: total(rounded(load(a, 0, 0))), np.rint(A[0, :16]).sum()),
    "power": (
        lambda a: total(times_power_of_two(load(a, 1, 0), rounded(load(a, 0, 0)))),
        (A[1, :16] * 2.0 ** np.rint(A[0, :16])).sum(),
    ),
    "least": (lambda a: least(load(a, 2, 7)), A[2, 7:23].min()),
    "smaller": (lambda a: total(smaller(load(a, 0, 0), load(a, 1, 0))), np.minimum(A[0, :16], A[1, :16]).sum()),
    "root": (
        lambda a: total(one_over_root(load(a, 0, 0) * load(a, 0, 0))),
        (1 / np.abs(A[0, :16].astype(float))).sum(),
    ),
    "first": (lambda a: total(select(first_lanes(5), load(a, 0, 0), load(a, 1, 0))), A[0, :5].sum() + A[1, 5:16].sum()),
    "none": (lambda a: total(select(first_lanes(-3), load(a, 0, 0), load(a, 1, 0))), A[1, :16].sum()),
    "all": (lambda a: total(select(first_lanes(99), load(a, 0, 0), load(a, 1, 0))), A[0, :16].sum()),
    "below": (
        lambda a: total(select(load(a, 0, 0) < load(a, 1, 0), load(a, 2, 0), spread(a[0, 0]))),
        np.where(A[0, :16] < A[1, :16], A[2, :16], A[0, 0]).sum(),
    ),
    "masks": (
        lambda a: total(
            select(
                ((load(a, 0, 0) >= load(a, 1, 0)) | (load(a, 0, 0) > load(a, 2, 0))) & ~first_lanes(2),
                load(a, 2, 0),
                load(a, 1, 0),
            )
        ),
        np.where(
            ((A[0, :16] >= A[1, :16]) | (A[0, :16] > A[2, :16])) & (np.arange(LANES) >= 2), A[2, :16], A[1, :16]
        ).sum(),
    ),
    "larger": (lambda a: total(larger(load(a, 0, 0), load(a, 1, 0))), np.maximum(A[0, :16], A[1, :16]).sum()),
    "count": (lambda a: count_of(load(a, 0, 0) <= load(a, 1, 0)), (A[0, :16] <= A[1, :16]).sum()),
    "bits": (lambda a: bits_of(load(a, 0, 0) <= spread(a[0, 3])), np.sum((A[0, :16] <= A[0, 3]) << np.arange(16))),
    "bits of none": (lambda a: bits_of(load(a, 0, 0) < load(a, 0, 0)), 0),
    "lowest": (lambda a: lowest(bits_of(load(a, 0, 0) <= spread(a[0, 3]))), np.argmax(A[0, :16] <= A[0, 3])),
    "divide": (lambda a: total(load(a, 0, 0) / load(a, 1, 3)), (A[0, :16] / A[1, 3:19]).sum()),
    "equal": (lambda a: count_of(load(a, 0, 0) == spread(a[0, 3])), 1),
    "fused": (
        lambda a: total(fused(load(a, 0, 0), load(a, 1, 3), load(a, 2, 1))),
        (A[0, :16] * A[1, 3:19] + A[2, 1:17]).sum(),
    ),
    "any": (lambda a: any_of(load(a, 0, 0) <= spread(a[0, 15])), True),
    "not any": (lambda a: any_of(load(a, 0, 0) < load(a, 0, 0)), False),
}


@pytest.mark.parametrize("name", CASES)
def test_lanes_do_in_kernels_what_they_do_in_python(name):
    operation, expected = CASES[name]
    assert operation(A) == pytest.approx(expected, rel=1e-5, abs=1e-5)
    assert numba.njit(operation)(A) == pytest.approx(expected, rel=1e-5, abs=1e-5)


def shift(a):
    store(a, 2, 4, load(a, 0, 1))


def test_lanes_are_stored_where_they_belong():
    expected = A.copy()
    expected[2, 4:20] = A[0, 1:17]
    for function in (shift, numba.njit(shift)):
        found = A.copy()
        function(found)
        assert np.array_equal(found, expected)
