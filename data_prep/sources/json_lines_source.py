"""JSON Lines as Arrow record batches, and the exact place of whatever is wrong in it."""

import io
import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, BinaryIO

import pyarrow as pa
from pyarrow import json as arrow_json

from data_prep.errors import InputError
from data_prep.settings import Feature
from data_prep.sources.arrow_types import Form, Forms, brought_to, list_feature
from data_prep.sources.input_file import READ_ERRORS, InputFile, open_bytes

_EXAMPLES = 1000
_REFUSALS = (pa.ArrowException, UnicodeError, TypeError, *READ_ERRORS)
_SPOKEN: Mapping[Form, str] = {
    "text": "an id or a text",
    "number": "a number",
    "time": "a time, which is a number or ISO 8601",
}
_DAMAGED = "Each line must be one JSON object; a broken last line means a truncated file"


class JsonLinesSource:
    """One JSON object per line, gzip or not.

    `names` are the keys of the first thousand objects, which also show the types.
    """

    def __init__(self, path: InputFile) -> None:
        self.path = path
        self._example: dict[str, Any] = {}
        fractions: set[str] = set()
        for _, record in islice(self._records(), _EXAMPLES):
            for name, value in record.items():
                if self._example.get(name) in (None, []):
                    self._example[name] = value
                if isinstance(value, float):
                    fractions.add(name)
        self.names: tuple[str, ...] = tuple(self._example)
        self.declared: Mapping[str, Feature] = {
            name: list_feature(name)
            if isinstance(value, list)
            else Feature(name=name, kind="numeric" if name in fractions else None)
            for name, value in self._example.items()
        }

    def batches(self, forms: Forms, block_bytes: int) -> Iterator[Any]:
        try:
            yield from self._parsed(open_bytes(self.path), forms, block_bytes)
        except _REFUSALS as error:
            raise self._explained(forms, error) from error

    def _parsed(self, file: BinaryIO, forms: Forms, block_bytes: int) -> Iterator[Any]:
        schema = pa.schema([(name, self._type(name, form)) for name, form in forms.items()])
        reader = arrow_json.open_json(
            pa.PythonFile(file, mode="r"),
            arrow_json.ReadOptions(block_size=block_bytes),
            arrow_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"),
        )
        for batch in reader:
            yield pa.record_batch(
                {name: brought_to(batch.column(name), form) for name, form in forms.items()}
            )

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
        """The error of a file that Arrow refused: the first line that it refuses by itself."""
        try:
            with open_bytes(self.path) as file:
                numbered = enumerate(file, 1)
                while lines := list(islice(numbered, _EXAMPLES)):
                    if self._refuses(lines, forms):
                        return self._line_explained(*self._first_refused(lines, forms), forms)
        except READ_ERRORS as reason:
            return self._error(f"the file cannot be read ({reason})", fix=_DAMAGED)
        return self._error(f"the file cannot be read ({error})", fix=_DAMAGED)

    def _refuses(self, lines: list[tuple[int, bytes]], forms: Forms) -> Exception | None:
        raw = b"\n".join(line for _, line in lines)
        try:
            for _ in self._parsed(io.BytesIO(raw), forms, len(raw)) if raw.strip() else ():
                pass
        except _REFUSALS as error:
            return error
        return None

    def _first_refused(self, lines: list[tuple[int, bytes]], forms: Forms) -> tuple[int, bytes]:
        while len(lines) > 1:
            half = lines[: len(lines) // 2]
            lines = half if self._refuses(half, forms) else lines[len(half) :]
        return lines[0]

    def _line_explained(self, line: int, raw: bytes, forms: Forms) -> InputError:
        try:
            record = self._object(line, raw.decode("utf-8-sig"))
        except UnicodeDecodeError:
            return self._error("not UTF-8", line=line)
        except InputError as error:
            return error
        for name, form in forms.items():
            value, first = record.get(name), self._example.get(name)
            alone = json.dumps({name: value}).encode()
            reason = self._refuses([(line, alone)], {name: form})
            if reason is not None:
                problem = f"not {_SPOKEN[form]} ({reason})"
                if _sort(value) != _sort(first):
                    problem = f"a {_sort(value)} where earlier ones have a {_sort(first)}"
                return self._error(problem, line=line, column=name, value=str(value))
        reason = self._refuses([(line, raw)], forms)
        text = raw.decode("utf-8-sig").strip()
        return self._error(f"cannot be read ({reason})", line=line, value=text, fix=_DAMAGED)

    def _error(self, problem: str, **place: Any) -> InputError:
        return InputError(problem, file=str(self.path), **place)


def _sort(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return {str: "string", list: "list", dict: "object", type(None): "null"}[type(value)]
