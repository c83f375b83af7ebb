"""Asking for memory before it is needed, so that it is there by then: results do not depend on it."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic, overload

from crowdsim.kernels.arrays import Crowd

LINE_BYTES = 64
"""What processors fetch at a time."""

AHEAD = 16
"""How many attendees before its turn a record is asked for: their work takes several times as long as memory does."""


def fetch_record(crowd: Crowd, i: int) -> None:
    """Ask for an attendee's record; does nothing in plain Python."""


@intrinsic
def _fetch(context: Any, crowd: Any, i: Any) -> Any:
    def generate(target: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        records = target.make_array(signature.args[0])(target, builder, arguments[0])
        place = builder.bitcast(builder.gep(records.data, [arguments[1]]), cgutils.voidptr_t)
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, number, number, number])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        to_read, to_keep, data = (ir.Constant(number, n) for n in (0, 3, 1))
        for offset in range(0, signature.args[0].dtype.size, LINE_BYTES):
            line = builder.gep(place, [ir.Constant(ir.IntType(64), offset)])
            builder.call(function, [line, to_read, to_keep, data])
        return target.get_dummy_value()

    return types.void(crowd, types.int64), generate


@overload(fetch_record, inline="always", strict=False)
def _choose_fetch(crowd: Any, i: Any) -> Any:
    return lambda crowd, i: _fetch(crowd, np.int64(i))
