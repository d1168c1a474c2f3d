"""JSON Lines as Arrow record batches, and the exact place of whatever is wrong in it."""

import io
import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, BinaryIO, NamedTuple, Self

import pyarrow as pa
from pyarrow import json as arrow_json

from data_prep.column_settings import Feature
from data_prep.errors import InputError
from data_prep.sources.arrow_types import ColumnType, ColumnTypes, convert, list_feature
from data_prep.sources.input_file import READ_ERRORS, InputFile, open_bytes

_EXAMPLES = 1000
_REFUSALS = (pa.ArrowException, UnicodeError, TypeError, *READ_ERRORS)
_DESCRIPTIONS: Mapping[ColumnType, str] = {
    "text": "an id or a text",
    "number": "a number",
    "time": "a time, which is a number or ISO 8601",
}
_DAMAGED = "Each line must be one JSON object; a broken last line means a truncated file"
JsonObject = dict[str, Any]  # as json.loads returns it, not checked


class _Line(NamedTuple):
    """A line of the file: its number, from 1, and its bytes."""

    number: int
    raw: bytes


class JsonLinesSource:
    """A table in a file of one JSON object per line, gzip or not.

    Attributes:
        names: the keys of the first thousand objects.
        declared_features: what their values declare, by name.
    """

    def __init__(
        self, file: InputFile, examples: JsonObject, declared_features: Mapping[str, Feature]
    ) -> None:
        """Take a file, and a value of each column as its example.

        Args:
            file: the file.
            examples: the first value of each key that is neither null nor an empty list.
            declared_features: what the values declare, for each key.
        """
        self._file = file
        self._examples = examples
        self.names: tuple[str, ...] = tuple(examples)
        self.declared_features = declared_features

    @classmethod
    def open(cls, file: InputFile) -> Self:
        """Read the first thousand objects of a file, which show its columns and their types.

        Raises:
            InputError: one of them is not a JSON object, or the file cannot be read.
        """
        examples: JsonObject = {}
        fractional: set[str] = set()
        for _, values in islice(_objects(file), _EXAMPLES):
            for name, value in values.items():
                if examples.get(name) in (None, []):
                    examples[name] = value
                if isinstance(value, float):
                    fractional.add(name)
        declared_features = {
            name: list_feature(name)
            if isinstance(value, list)
            else Feature(name=name, kind="numeric" if name in fractional else None)
            for name, value in examples.items()
        }
        return cls(file, examples, declared_features)

    def batches(self, column_types: ColumnTypes, block_bytes: int) -> Iterator[pa.RecordBatch]:
        """Read the table; see `Source.batches`."""
        try:
            yield from self._parse(open_bytes(self._file), column_types, block_bytes)
        except _REFUSALS as error:
            raise self._explain(column_types, error) from error

    def error_at(self, row: int, column: str, problem: str, fix: str | None = None) -> InputError:
        """Return the error for a value, with its line; see `Source.error_at`."""
        for number, (line, values) in enumerate(_objects(self._file)):
            if number == row:
                value = values.get(column)
                shown = "" if value is None else str(value)
                return _error(self._file, problem, line, column, shown, fix)
        return _error(self._file, problem, column=column, fix=fix)

    def _parse(
        self, raw: BinaryIO, column_types: ColumnTypes, block_bytes: int
    ) -> Iterator[pa.RecordBatch]:
        arrow_types = [
            (name, self._arrow_type(name, column_type))
            for name, column_type in column_types.items()
        ]
        reader = arrow_json.open_json(
            pa.PythonFile(raw, mode="r"),
            arrow_json.ReadOptions(block_size=block_bytes),
            arrow_json.ParseOptions(
                explicit_schema=pa.schema(arrow_types), unexpected_field_behavior="ignore"
            ),
        )
        for batch in reader:
            yield pa.record_batch(
                {
                    name: convert(batch.column(name), column_type)
                    for name, column_type in column_types.items()
                }
            )

    def _arrow_type(self, name: str, column_type: ColumnType) -> pa.DataType:
        """Return the Arrow type to read a column as, judged by its example."""
        value = self._examples.get(name)
        if isinstance(value, bool):
            return pa.bool_()
        if column_type == "text":
            if isinstance(value, list):
                return pa.list_(
                    pa.string() if any(isinstance(v, str) for v in value) else pa.int64()
                )
            return pa.int64() if isinstance(value, int) else pa.string()
        is_date = column_type == "time" and isinstance(value, str)
        return pa.timestamp("us", "UTC") if is_date else pa.float64()

    def _explain(self, column_types: ColumnTypes, error: Exception) -> InputError:
        """Return the error of a file that Arrow refused: its first line that is refused alone."""
        try:
            with open_bytes(self._file) as file:
                numbered = map(_Line._make, enumerate(file, 1))
                while lines := list(islice(numbered, _EXAMPLES)):
                    if self._refusal(lines, column_types):
                        line = self._first_refused(lines, column_types)
                        return self._explain_line(line, column_types)
        except READ_ERRORS as reason:
            return _error(self._file, f"the file cannot be read ({reason})", fix=_DAMAGED)
        return _error(self._file, f"the file cannot be read ({error})", fix=_DAMAGED)

    def _refusal(self, lines: list[_Line], column_types: ColumnTypes) -> Exception | None:
        """Return why Arrow refuses the lines; None: it does not."""
        raw = b"\n".join(line.raw for line in lines)
        try:
            for _ in self._parse(io.BytesIO(raw), column_types, len(raw)) if raw.strip() else ():
                pass
        except _REFUSALS as error:
            return error
        return None

    def _first_refused(self, lines: list[_Line], column_types: ColumnTypes) -> _Line:
        while len(lines) > 1:
            half = lines[: len(lines) // 2]
            lines = half if self._refusal(half, column_types) else lines[len(half) :]
        return lines[0]

    def _explain_line(self, line: _Line, column_types: ColumnTypes) -> InputError:
        try:
            text = line.raw.decode("utf-8-sig")
            values = _parse_object(self._file, line.number, text)
        except UnicodeDecodeError:
            return _error(self._file, "not UTF-8", line.number)
        except InputError as error:
            return error
        for name, column_type in column_types.items():
            value, example = values.get(name), self._examples.get(name)
            alone = _Line(line.number, json.dumps({name: value}).encode())
            reason = self._refusal([alone], {name: column_type})
            if reason is not None:
                problem = f"not {_DESCRIPTIONS[column_type]} ({reason})"
                if _json_type(value) != _json_type(example):
                    problem = f"a {_json_type(value)} where earlier ones have a "
                    problem += _json_type(example)
                return _error(self._file, problem, line.number, name, str(value))
        reason = self._refusal([line], column_types)
        problem = f"cannot be read ({reason})"
        return _error(self._file, problem, line.number, value=text.strip(), fix=_DAMAGED)


def _objects(file: InputFile) -> Iterator[tuple[int, JsonObject]]:
    """Yield number and object of each line that is not empty.

    Raises:
        InputError: a line is not a JSON object, or the file cannot be read.
    """
    line = 0
    try:
        with open_bytes(file) as lines:
            for line, raw in enumerate(lines, 1):
                text = raw.decode("utf-8-sig" if line == 1 else "utf-8")
                if text.strip():
                    yield line, _parse_object(file, line, text)
    except UnicodeDecodeError:
        raise _error(file, "not UTF-8", line) from None
    except READ_ERRORS as error:
        raise _error(file, f"the file cannot be read ({error})", fix=_DAMAGED) from None


def _parse_object(file: InputFile, line: int, text: str) -> JsonObject:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        problem = f"not JSON ({error})"
        raise _error(file, problem, line, value=text.strip(), fix=_DAMAGED) from None
    if not isinstance(values, dict):
        raise _error(file, "not an object", line, value=text.strip(), fix=_DAMAGED)
    return values


def _json_type(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return {str: "string", list: "list", dict: "object", type(None): "null"}[type(value)]


def _error(
    file: InputFile,
    problem: str,
    line: int | None = None,
    column: str | None = None,
    value: str | None = None,
    fix: str | None = None,
) -> InputError:
    return InputError(problem, file=str(file), line=line, column=column, value=value, fix=fix)
