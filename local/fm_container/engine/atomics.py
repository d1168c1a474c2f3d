"""What threads of compiled code need to share work: an atomic counter, and a way to let others run.

Numba's and llvmlite's objects are `Any` here: both libraries are untyped.
"""

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_intrinsic = cast(Callable[[Callable[..., Any]], Callable[..., Any]], intrinsic)
# Gives the processor to another thread; a function of the C library, so that Numba can cache it.
give_way = types.ExternalFunction("sched_yield", types.int32())


@_intrinsic
def fetch_add(typing: Any, counters: Any, index: Any) -> Any:  # noqa: ARG001
    """Add one to `counters[index]` (int64) and return what it was."""
    signature = types.int64(counters, index)

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _place(context, builder, signature, arguments)
        return builder.atomic_rmw("add", place, ir.Constant(ir.IntType(64), 1), "acq_rel")

    return signature, build


@_intrinsic
def read(typing: Any, counters: Any, index: Any) -> Any:  # noqa: ARG001
    """Return `counters[index]` (int64) as the other threads have it now."""
    signature = types.int64(counters, index)

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _place(context, builder, signature, arguments)
        return builder.load_atomic(place, "acquire", 8)

    return signature, build


def _place(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    array_type, index_type = signature.args
    array = context.make_array(array_type)(context, builder, arguments[0])
    index = context.cast(builder, arguments[1], index_type, types.intp)
    get_item_pointer = cast(Callable[..., Any], cgutils.get_item_pointer)
    return get_item_pointer(context, builder, array_type, array, [index])
