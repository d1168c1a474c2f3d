"""JSON Lines as Arrow record batches, and the exact place of whatever is wrong in it."""

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import json as arrow_json

from data_prep.csv_dialect import READ_ERRORS, open_bytes
from data_prep.errors import InputError
from data_prep.forms import Form, Forms, brought_to, list_feature
from data_prep.settings import Feature

_EXAMPLES = 1000
_DAMAGED = "Each line must be one JSON object; a broken last line means a truncated file"


class JsonLinesSource:
    """One JSON object per line, gzip or not.

    `names` are the keys of the first thousand objects, which also show the types.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._example: dict[str, Any] = {}
        for _, record in islice(self._records(), _EXAMPLES):
            for name, value in record.items():
                if self._example.get(name) in (None, []):
                    self._example[name] = value
        self.names: tuple[str, ...] = tuple(self._example)
        lists = (name for name, value in self._example.items() if isinstance(value, list))
        self.declared: Mapping[str, Feature] = {name: list_feature(name) for name in lists}

    def batches(self, forms: Forms, block_bytes: int) -> Iterator[Any]:
        schema = pa.schema([(name, self._type(name, form)) for name, form in forms.items()])
        try:
            reader = arrow_json.open_json(
                pa.PythonFile(open_bytes(self.path), mode="r"),
                arrow_json.ReadOptions(block_size=block_bytes),
                arrow_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"),
            )
            for batch in reader:
                yield pa.record_batch(
                    {name: brought_to(batch.column(name), form) for name, form in forms.items()}
                )
        except (pa.ArrowException, UnicodeError, TypeError, *READ_ERRORS) as error:
            raise self._explained(forms, error) from error

    def refusal(self, row: int, column: str, problem: str, fix: str | None = None) -> InputError:
        for number, (line, record) in enumerate(self._records()):
            if number == row:
                value = record.get(column)
                shown = "" if value is None else str(value)
                return self._error(problem, line=line, column=column, value=shown, fix=fix)
        return self._error(problem, column=column, fix=fix)

    def _type(self, name: str, form: Form) -> pa.DataType:
        """The Arrow type to read a column with, from the first record's value."""
        value = self._example.get(name)
        if isinstance(value, bool):
            return pa.bool_()
        if form == "text":
            if isinstance(value, list):
                return pa.list_(
                    pa.string() if any(isinstance(v, str) for v in value) else pa.int64()
                )
            return pa.int64() if isinstance(value, int) else pa.string()
        is_date = form == "time" and isinstance(value, str)
        return pa.timestamp("us", "UTC") if is_date else pa.float64()

    def _records(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Line number and object of each line; raises InputError at one that is no object."""
        try:
            with open_bytes(self.path) as file:
                for line, raw in enumerate(file, 1):
                    text = raw.decode("utf-8-sig" if line == 1 else "utf-8")
                    if text.strip():
                        yield line, self._object(line, text)
        except UnicodeDecodeError:
            raise self._error("not UTF-8", line=line) from None
        except READ_ERRORS as error:
            raise self._error(f"the file cannot be read ({error})", fix=_DAMAGED) from None

    def _object(self, line: int, text: str) -> dict[str, Any]:
        try:
            record = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise self._error(
                f"not JSON ({error})", line=line, value=text.strip(), fix=_DAMAGED
            ) from None
        if not isinstance(record, dict):
            raise self._error("not an object", line=line, value=text.strip(), fix=_DAMAGED)
        return record

    def _explained(self, forms: Forms, error: Exception) -> InputError:
        """The error of a file that Arrow refused: the first record that it cannot have liked."""
        for line, record in self._records():
            for name in forms:
                value, first = record.get(name), self._example.get(name)
                if value is not None and _sort(value) != _sort(first):
                    return self._error(
                        f"a {_sort(value)} where earlier ones have a {_sort(first)}",
                        line=line,
                        column=name,
                        value=str(value),
                    )
        return self._error(f"the file cannot be read ({error})", fix=_DAMAGED)

    def _error(self, problem: str, **place: Any) -> InputError:
        return InputError(problem, file=str(self.path), **place)


def _sort(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return {str: "string", list: "list", dict: "object", type(None): "null"}[type(value)]
