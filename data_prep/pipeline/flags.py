"""What each row is for, as columns of the spool: tested on, sampled, written as a record."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np

from data_prep.arrays import Bools
from data_prep.pipeline.labelled_blocks import SAMPLED, TEST, WRITTEN, Block, SplitBlocks
from data_prep.pipeline.spool import Spool

Written: TypeAlias = Callable[[Block], Bools]  # which rows (n,) of a block become records


def with_flags(
    split: SplitBlocks,
    path: Path,
    written: Written = lambda block: block.written,
    columns: Sequence[tuple[str, str]] = (),
) -> Spool:
    """Move rows to a new spool with the columns TEST, SAMPLED and WRITTEN.

    Args:
        split: the rows; their spool is removed.
        path: the file of the new spool.
        written: tells which rows become records.
        columns: further columns, by name and dtype, of zeros.
    """
    names = list(split.spool.dtype.names or ())
    flags = [(TEST, "?"), (SAMPLED, "?"), (WRITTEN, "?"), *columns]
    flagged = Spool.create(path, np.dtype([*split.spool.dtype.descr, *flags]))
    for block in split.blocks():
        rows = np.zeros(len(block.rows), flagged.dtype)
        for name in names:
            rows[name] = block.rows[name]
        rows[TEST], rows[WRITTEN] = block.test, written(block)
        flagged.append(rows)
    flagged.close()
    split.spool.remove()
    return flagged
