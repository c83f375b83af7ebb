"""Sixteen single precision numbers at a time: the arithmetic that sweeps over neighbours are written in.

Compilers make vector instructions of simple loops only, and not reliably; so the sweeps say what they want. In
compiled kernels a value of these functions is one of LLVM's vectors, which it maps to whatever registers the processor
has; in plain Python it is an array of 16 numbers. Every operation is rounded as it stands here: the compiler may not
regroup or contract them, because it would do so differently wherever a kernel is built into another one, and the same
run would end differently the day after. `fused` says where a product and a sum are to be rounded once.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.datamodel import models
from numba.extending import intrinsic, overload, register_model
from numpy.typing import NDArray

LANES = 16
"""How many numbers are worked on at once: the single precision numbers in the widest registers there are."""

Lanes = NDArray[np.float32]
Mask = NDArray[np.bool_]

FRACTION_BITS = 23
"""Of a single precision number (IEEE 754)."""

ESTIMATE = ("reassoc", "contract", "nnan", "ninf", "nsz", "arcp", "afn")
"""Lets one over a root be the processor's estimate, made better by one step of Newton's method."""

VECTOR = ir.VectorType(ir.FloatType(), LANES)
BITS = ir.VectorType(ir.IntType(1), LANES)


# ---------------------------------------------------------------- what they are in plain Python
def load(array: NDArray[np.float32], row: int, first: int) -> Lanes:
    """Return array[row, first : first + LANES]; the array must reach that far."""
    lanes: Lanes = array[row, int(first) : int(first) + LANES]
    return lanes


def store(array: NDArray[np.float32], row: int, first: int, lanes: Lanes) -> None:
    """Set array[row, first : first + LANES]; the array must reach that far."""
    array[row, int(first) : int(first) + LANES] = lanes


def spread(value: np.float32) -> Lanes:
    """Return a number in every lane."""
    return np.full(LANES, value, np.float32)


def first_lanes(count: int) -> Mask:
    """Return which lanes are among the first `count`."""
    mask: Mask = np.arange(LANES) < count
    return mask


def select(mask: Mask, chosen: Lanes, other: Lanes) -> Lanes:
    """Return `chosen` where the mask is set, `other` elsewhere."""
    lanes: Lanes = np.where(mask, chosen, other)
    return lanes


def one_over_root(squares: Lanes) -> Lanes:
    """Return 1 / sqrt(squares) to within a few units in the last place; squares must be above 0."""
    lanes: Lanes = np.reciprocal(np.sqrt(squares))
    return lanes


def rounded(a: Lanes) -> Lanes:
    """Return the nearest whole numbers, of two as near the even one."""
    return np.rint(a)


def times_power_of_two(a: Lanes, whole: Lanes) -> Lanes:
    """Return a times 2 to the power of whole numbers; what comes out must be a normal number, as a must be."""
    return np.ldexp(a, whole.astype(np.int32))


def fused(a: Lanes, b: Lanes, c: Lanes) -> Lanes:
    """Return a b + c, rounded once."""
    lanes: Lanes = (a.astype(np.float64) * b + c).astype(np.float32)
    return lanes


def smaller(a: Lanes, b: Lanes) -> Lanes:
    """Return the smaller of two numbers, lane by lane."""
    return np.minimum(a, b)


def larger(a: Lanes, b: Lanes) -> Lanes:
    """Return the larger of two numbers, lane by lane."""
    return np.maximum(a, b)


def total(lanes: Lanes) -> np.float32:
    """Return the sum of all lanes."""
    return np.float32(lanes.sum())


def least(lanes: Lanes) -> np.float32:
    """Return the smallest of all lanes."""
    return np.float32(lanes.min())


def any_of(mask: Mask) -> bool:
    """Return whether the mask is set in any lane."""
    return bool(mask.any())


def bits_of(mask: Mask) -> int:
    """Return a whole number whose bits are set where the mask is, lane 0 in the lowest one."""
    return sum(1 << int(lane) for lane in np.flatnonzero(mask))


def lowest(bits: int) -> int:
    """Return the place of the lowest bit that is set, of a number that is not 0."""
    return (bits & -bits).bit_length() - 1


def count_of(mask: Mask) -> int:
    """Return in how many lanes the mask is set."""
    return int(mask.sum())


# ---------------------------------------------------------------- what they are in compiled kernels
class LanesType(types.Type):
    """Numba's type of sixteen numbers."""

    def __init__(self) -> None:
        super().__init__("Lanes")


class MaskType(types.Type):
    """Numba's type of sixteen truth values."""

    def __init__(self) -> None:
        super().__init__("Mask")


LANES_TYPE, MASK_TYPE = LanesType(), MaskType()


@register_model(LanesType)
class _LanesModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, VECTOR)


@register_model(MaskType)
class _MaskModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, BITS)


Emit = Callable[..., Any]
"""Writes the instructions for an operation: takes LLVM's builder and the operands, returns the result."""


def _unary(function: Any, operand: types.Type, result: types.Type, emit: Emit) -> None:
    """Compile calls of `function` with one operand of a type into what `emit` writes."""

    @intrinsic
    def call(context: Any, a: Any) -> Any:
        return result(a), lambda _context, builder, _signature, arguments: emit(builder, *arguments)

    @overload(function, inline="always", strict=False)
    def choose(a: Any) -> Any:
        return (lambda a: call(a)) if a is operand else None


def _binary(function: Any, operand: types.Type, result: types.Type, emit: Emit) -> None:
    """Compile calls of `function` with two operands of a type into what `emit` writes."""

    @intrinsic
    def call(context: Any, a: Any, b: Any) -> Any:
        return result(a, b), lambda _context, builder, _signature, arguments: emit(builder, *arguments)

    @overload(function, inline="always", strict=False)
    def choose(a: Any, b: Any) -> Any:
        return (lambda a, b: call(a, b)) if a is operand and b is operand else None


def _arithmetic(name: str) -> Emit:
    return lambda builder, a, b: getattr(builder, name)(a, b)


def _comparison(sign: str) -> Emit:
    return lambda builder, a, b: builder.fcmp_ordered(sign, a, b)


def _call(builder: ir.IRBuilder, name: str, returns: ir.Type, *arguments: Any, flags: tuple[str, ...] = ()) -> Any:
    """Call one of LLVM's own functions."""
    kind = ir.FunctionType(returns, [argument.type for argument in arguments])
    function = cgutils.get_or_insert_function(builder.module, kind, name)
    return builder.call(function, arguments, fastmath=flags)


def _spread(builder: ir.IRBuilder, value: Any) -> Any:
    single = builder.insert_element(ir.Constant(ir.VectorType(value.type, LANES), ir.Undefined), value, _index(0))
    order = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(single, single, order)


def _index(n: int) -> ir.Constant:
    return ir.Constant(ir.IntType(32), n)


def _one_over_root(builder: ir.IRBuilder, squares: Any) -> Any:
    root = _call(builder, f"llvm.sqrt.v{LANES}f32", VECTOR, squares, flags=ESTIMATE)
    return builder.fdiv(ir.Constant(VECTOR, [1.0] * LANES), root, flags=ESTIMATE)


def _rounded(builder: ir.IRBuilder, a: Any) -> Any:
    return _call(builder, f"llvm.rint.v{LANES}f32", VECTOR, a)


def _times_power_of_two(builder: ir.IRBuilder, a: Any, whole: Any) -> Any:
    """Add the whole numbers to the exponents, which are above the bits of the fraction."""
    numbers = ir.VectorType(ir.IntType(32), LANES)
    bits = builder.shl(builder.fptosi(whole, numbers), ir.Constant(numbers, [FRACTION_BITS] * LANES))
    return builder.bitcast(builder.add(builder.bitcast(a, numbers), bits), VECTOR)


def _smaller(builder: ir.IRBuilder, a: Any, b: Any) -> Any:
    return builder.select(builder.fcmp_ordered("<", a, b), a, b)


def _larger(builder: ir.IRBuilder, a: Any, b: Any) -> Any:
    return builder.select(builder.fcmp_ordered(">", a, b), a, b)


def _total(builder: ir.IRBuilder, lanes: Any) -> Any:
    """Add the upper half to the lower one until one number is left."""
    width = LANES
    while width > 1:
        width //= 2
        halves = (ir.Constant(ir.VectorType(ir.IntType(32), width), list(range(n, n + width))) for n in (0, width))
        low, high = (builder.shuffle_vector(lanes, lanes, half) for half in halves)
        lanes = builder.fadd(low, high)
    return builder.extract_element(lanes, _index(0))


def _least(builder: ir.IRBuilder, lanes: Any) -> Any:
    return _call(builder, f"llvm.vector.reduce.fmin.v{LANES}f32", ir.FloatType(), lanes, flags=("nnan",))


def _any_of(builder: ir.IRBuilder, mask: Any) -> Any:
    return builder.icmp_unsigned("!=", builder.bitcast(mask, ir.IntType(LANES)), ir.Constant(ir.IntType(LANES), 0))


def _count_of(builder: ir.IRBuilder, mask: Any) -> Any:
    bits = builder.bitcast(mask, ir.IntType(LANES))
    return builder.zext(_call(builder, f"llvm.ctpop.i{LANES}", ir.IntType(LANES), bits), ir.IntType(64))


def _bits_of(builder: ir.IRBuilder, mask: Any) -> Any:
    return builder.zext(builder.bitcast(mask, ir.IntType(LANES)), ir.IntType(64))


def _lowest(builder: ir.IRBuilder, bits: Any) -> Any:
    return builder.cttz(bits, ir.Constant(ir.IntType(1), 1))


for _function, _emit in (
    (operator.add, _arithmetic("fadd")),
    (operator.sub, _arithmetic("fsub")),
    (operator.mul, _arithmetic("fmul")),
    (operator.truediv, _arithmetic("fdiv")),
    (smaller, _smaller),
    (larger, _larger),
    (times_power_of_two, _times_power_of_two),
):
    _binary(_function, LANES_TYPE, LANES_TYPE, _emit)
for _function, _sign in (
    (operator.lt, "<"),
    (operator.le, "<="),
    (operator.gt, ">"),
    (operator.ge, ">="),
    (operator.eq, "=="),
):
    _binary(_function, LANES_TYPE, MASK_TYPE, _comparison(_sign))
_binary(operator.and_, MASK_TYPE, MASK_TYPE, lambda builder, a, b: builder.and_(a, b))
_binary(operator.or_, MASK_TYPE, MASK_TYPE, lambda builder, a, b: builder.or_(a, b))
_unary(operator.invert, MASK_TYPE, MASK_TYPE, lambda builder, a: builder.not_(a))
_unary(one_over_root, LANES_TYPE, LANES_TYPE, _one_over_root)
_unary(rounded, LANES_TYPE, LANES_TYPE, _rounded)
_unary(total, LANES_TYPE, types.float32, _total)
_unary(least, LANES_TYPE, types.float32, _least)
_unary(any_of, MASK_TYPE, types.boolean, _any_of)
_unary(count_of, MASK_TYPE, types.int64, _count_of)
_unary(bits_of, MASK_TYPE, types.int64, _bits_of)
_unary(lowest, types.int64, types.int64, _lowest)
_unary(spread, types.float32, LANES_TYPE, _spread)


@intrinsic
def _first_lanes(context: Any, count: Any) -> Any:
    def generate(_context: Any, builder: ir.IRBuilder, _signature: Any, arguments: Any) -> Any:
        numbers = ir.Constant(ir.VectorType(ir.IntType(32), LANES), list(range(LANES)))
        return builder.icmp_signed("<", numbers, _spread(builder, builder.trunc(arguments[0], ir.IntType(32))))

    return MASK_TYPE(types.int64), generate


@overload(first_lanes, inline="always", strict=False)
def _choose_first_lanes(count: Any) -> Any:
    return (lambda count: _first_lanes(np.int64(count))) if isinstance(count, types.Integer) else None


@intrinsic
def _fused(context: Any, a: Any, b: Any, c: Any) -> Any:
    def generate(_context: Any, builder: ir.IRBuilder, _signature: Any, arguments: Any) -> Any:
        return _call(builder, f"llvm.fma.v{LANES}f32", VECTOR, *arguments)

    return LANES_TYPE(a, b, c), generate


@overload(fused, inline="always", strict=False)
def _choose_fused(a: Any, b: Any, c: Any) -> Any:
    return lambda a, b, c: _fused(a, b, c)


@intrinsic
def _select(context: Any, mask: Any, chosen: Any, other: Any) -> Any:
    def generate(_context: Any, builder: ir.IRBuilder, _signature: Any, arguments: Any) -> Any:
        return builder.select(*arguments)

    return LANES_TYPE(mask, chosen, other), generate


@overload(select, inline="always", strict=False)
def _choose_select(mask: Any, chosen: Any, other: Any) -> Any:
    return lambda mask, chosen, other: _select(mask, chosen, other)


def _pointer(target: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
    """Return the place of array[row, first], for the first three arguments."""
    bundle = target.make_array(signature.args[0])(target, builder, arguments[0])
    columns = cgutils.unpack_tuple(builder, bundle.shape)[1]
    place = builder.add(builder.mul(arguments[1], columns), arguments[2])
    return builder.bitcast(builder.gep(bundle.data, [place]), VECTOR.as_pointer())


@intrinsic
def _load(context: Any, array: Any, row: Any, first: Any) -> Any:
    def generate(target: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        return builder.load(_pointer(target, builder, signature, arguments), align=4)

    return LANES_TYPE(array, types.int64, types.int64), generate


@overload(load, inline="always", strict=False)
def _choose_load(array: Any, row: Any, first: Any) -> Any:
    return lambda array, row, first: _load(array, np.int64(row), np.int64(first))


@intrinsic
def _store(context: Any, array: Any, row: Any, first: Any, lanes: Any) -> Any:
    def generate(target: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[3], _pointer(target, builder, signature, arguments), align=4)

    return types.void(array, types.int64, types.int64, lanes), generate


@overload(store, inline="always", strict=False)
def _choose_store(array: Any, row: Any, first: Any, lanes: Any) -> Any:
    return lambda array, row, first, lanes: _store(array, np.int64(row), np.int64(first), lanes)
