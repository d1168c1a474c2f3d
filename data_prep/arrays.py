"""The types of the arrays that pass between modules (`fm` has its own: neither knows the other)."""

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import scipy.sparse as sp

Float32s: TypeAlias = npt.NDArray[np.float32]
Float64s: TypeAlias = npt.NDArray[np.float64]
Int32s: TypeAlias = npt.NDArray[np.int32]
Int64s: TypeAlias = npt.NDArray[np.int64]
Integers: TypeAlias = npt.NDArray[np.integer[Any]]  # of any width
Bools: TypeAlias = npt.NDArray[np.bool_]
Bytes: TypeAlias = npt.NDArray[np.uint8]
Words: TypeAlias = npt.NDArray[np.uint64]  # eight bytes each, little-endian
Rows: TypeAlias = npt.NDArray[np.void]  # interactions, shape (n,), structured (pipeline/spool.py)

CsrRows: TypeAlias = "sp.csr_array[np.float32, tuple[int, int]]"  # feature rows, shape (n, d)
SparseRows: TypeAlias = "sp.sparray[np.float32, tuple[int, int]] | sp.spmatrix[np.float32]"
FeatureMatrix: TypeAlias = "SparseRows | Float32s"  # what can be written: sparse, or dense (n, d)
