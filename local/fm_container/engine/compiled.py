"""How Numba compiles the sparse trainer's loops."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])
# Python's division would test every divisor and so keep Adam's loop from being vectorised; sums
# over factors may be reordered for the same reason, which stays within float32's rounding.
_OPTIONS = {
    "error_model": "numpy",
    "fastmath": {"contract", "reassoc", "nsz"},
    "nogil": True,
}
_njit: Any = numba.njit
entry = cast(Callable[[Function], Function], _njit(**_OPTIONS, cache=True))
# What compiled code alone calls needs no way in from Python, which would take long to compile.
inner = cast(
    Callable[[Function], Function],
    _njit(**_OPTIONS, no_cpython_wrapper=True, no_cfunc_wrapper=True),
)
