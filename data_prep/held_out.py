"""What evaluation may ask for: the interactions that were held out, and the users who were.

`held_out.parquet` has a row for each interaction of the test part that happened; a record of
test.recordio does not say whose it is where a history stands for the user. `strangers.parquet` has
the users none of whose interactions were trained on.
"""

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from contract.s3_layout import HELD_OUT_FILE, STRANGERS_FILE
from data_prep.arrays import Float32s, Float64s, Int64s
from data_prep.errors import InputError

_SCHEMA = pa.schema([("user", pa.int32()), ("item", pa.int32()), ("label", pa.float32())])
_STRANGERS = pa.schema([("user", pa.int32())])


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Interactions and users by their indices in the vocabularies.

    Attributes:
        users: (n,) the user of each held-out interaction; -1 if nothing else is known of them.
        items: (n,) its item; -1 for one that training does not know.
        labels: (n,) as training has them.
        strangers: (s,) the users who were held out whole, ascending.
    """

    users: Int64s
    items: Int64s
    labels: Float32s
    strangers: Int64s

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read what a preparation wrote.

        Raises:
            InputError: a file is missing or damaged.
        """
        try:
            table = pq.read_table(directory / HELD_OUT_FILE, schema=_SCHEMA)
            strangers = pq.read_table(directory / STRANGERS_FILE, schema=_STRANGERS)
        except (OSError, pa.ArrowException) as error:
            raise InputError(
                f"the held-out interactions cannot be read ({error})", file=str(directory)
            ) from None
        users, items, labels = (table.column(name).to_numpy() for name in _SCHEMA.names)
        return cls(
            users.astype(np.int64),
            items.astype(np.int64),
            labels,
            strangers.column("user").to_numpy().astype(np.int64),
        )


class HeldOutWriter:
    """Writes held-out interactions, block by block."""

    def __init__(self, directory: Path) -> None:
        """Open `held_out.parquet` in the directory."""
        self._writer = pq.ParquetWriter(directory / HELD_OUT_FILE, _SCHEMA)

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the file."""
        self._writer.close()

    def add(self, users: Int64s, items: Int64s, labels: Float64s) -> None:
        """Add interactions (n,), by the indices of their users and items, or -1."""
        columns = [
            pa.array(values).cast(field.type)
            for values, field in zip((users, items, labels), _SCHEMA, strict=True)
        ]
        self._writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=_SCHEMA))


def write_strangers(directory: Path, users: Int64s) -> None:
    """Write the users who were held out whole, by their indices (s,)."""
    values = pa.array(np.sort(users)).cast(pa.int32())
    pq.write_table(pa.table([values], schema=_STRANGERS), directory / STRANGERS_FILE)
