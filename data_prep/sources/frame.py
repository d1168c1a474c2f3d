"""Tables in memory, such as DataFrames: each is read as the Parquet file that it would make."""

import io
from typing import Any, Literal, Protocol, runtime_checkable

import pyarrow as pa
import pyarrow.parquet as pq

from data_prep.errors import InputError

# What making Arrow of Python's objects may raise.
_REFUSALS = (pa.ArrowException, TypeError, ValueError, OverflowError)


@runtime_checkable
class Frame(Protocol):
    """A DataFrame of pandas (2.2 or newer) or polars, a pyarrow Table, or another such table.

    All hand their columns on by the Arrow C stream interface, so none of them is imported here:
    https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html
    """

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Return the table as a PyCapsule with an ArrowArrayStream."""
        ...


class FrameFile:
    """A frame as an `InputFile`.

    Attributes:
        name: what errors and the manifest call it.
    """

    def __init__(self, name: str, parquet: bytes) -> None:
        self.name = name
        self._parquet = parquet

    @classmethod
    def of(cls, frame: Frame, name: str) -> "FrameFile":
        """Return the frame as a file; it is read once.

        The index of a pandas frame is left out.

        Raises:
            InputError: Arrow cannot take the frame over, with row and column if it is pandas'.
        """
        try:
            table = _plain(_read(frame))
        except _REFUSALS as error:
            raise _refusal(frame, name, error) from error
        sink = pa.BufferOutputStream()
        # One row group: rows are counted from the beginning of the frame.
        pq.write_table(table, sink, row_group_size=max(1, table.num_rows))
        return cls(name, sink.getvalue().to_pybytes())

    def __str__(self) -> str:
        return self.name

    def open(self, _mode: Literal["rb"] = "rb") -> io.BufferedReader:
        """Return the bytes of the Parquet file."""
        return io.BufferedReader(io.BytesIO(self._parquet))


def _read(frame: Frame) -> pa.Table:
    return pa.RecordBatchReader.from_stream(frame).read_all()


def _plain(table: pa.Table) -> pa.Table:
    """Return the table without a pandas index, and with no type that Parquet cannot hold."""
    index = (table.schema.pandas_metadata or {}).get("index_columns", ())
    table = table.drop_columns([name for name in index if isinstance(name, str)])
    columns = [_writable(column) for column in table.columns]
    # However the frame was cut into chunks, the file has the same bytes.
    return pa.table(columns, table.column_names).combine_chunks()


def _writable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the column, with plain strings in a dictionary: polars' categories have others."""
    if not pa.types.is_dictionary(column.type):
        return column
    if not pa.types.is_string_view(column.type.value_type):
        return column
    chunks = [
        pa.DictionaryArray.from_arrays(chunk.indices, chunk.dictionary.cast(pa.string()))
        for chunk in column.chunks
    ]
    return pa.chunked_array(chunks, pa.dictionary(column.type.index_type, pa.string()))


def _refusal(frame: Any, name: str, error: Exception) -> InputError:
    """Return the error for a frame that Arrow cannot take over; its value, if pandas has it."""
    for place in range(len(getattr(frame, "columns", ())) if hasattr(frame, "iloc") else 0):
        column = frame.iloc[:, [place]]
        if not _is_taken(column):
            row = _first_refused(column)
            return InputError(
                f"the value cannot be used ({error.args[0]})",
                file=name,
                row=row,
                column=str(column.columns[0]),
                value=str(column.iloc[row, 0]),
                fix="All values of a column have one type: .astype('string') makes texts of them",
            )
    return InputError(f"the frame cannot be read ({error.args[0]})", file=name)


def _first_refused(column: Any) -> int:
    """Return the first row of a pandas frame that Arrow does not take, by halving."""
    low, high = 0, len(column)
    while high - low > 1:
        middle = (low + high) // 2
        if _is_taken(column.iloc[:middle]):
            low = middle
        else:
            high = middle
    return low


def _is_taken(frame: Frame) -> bool:
    try:
        _read(frame)
    except _REFUSALS:
        return False
    return True
