"""The types of the arrays that pass between modules; each name has one meaning everywhere."""

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import scipy.sparse as sp

Float32s: TypeAlias = npt.NDArray[np.float32]
Float64s: TypeAlias = npt.NDArray[np.float64]
Floats: TypeAlias = npt.NDArray[np.floating[Any]]  # of either precision
Int64s: TypeAlias = npt.NDArray[np.int64]
Uint32s: TypeAlias = npt.NDArray[np.uint32]
Integers: TypeAlias = npt.NDArray[np.integer[Any]]  # of any width, signed or not
Bools: TypeAlias = npt.NDArray[np.bool_]
Numbers: TypeAlias = npt.NDArray[np.floating[Any] | np.integer[Any] | np.bool_]  # e.g. labels
AnyArray: TypeAlias = npt.NDArray[Any]  # of a dtype that only the data tell, as in an artifact
CsrRows: TypeAlias = "sp.csr_array[np.float32, tuple[int, int]]"  # feature rows, shape (n, d)
