"""A batch transform's DataProcessing: the part of each record to send, and what its output joins.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from local.sagemaker.resources.transform_split import SplitError

JSON, JSON_LINES = "application/json", "application/jsonlines"
_STEP = re.compile(r"\.(\w+)|\.?(\*)|\[([^\]]+)\]")
_NAME = re.compile(r"'([^']*)'|\"([^\"]*)\"")


class PathError(ValueError):
    """A JSONPath that is none of those which SageMaker knows; the message names it."""


class Processing:
    """What becomes of records on their way to the model, and of its answers.

    Args:
        settings: the job's DataProcessing.
        lines: whether payloads and answers are lines of JSON rather than one document each.

    Raises:
        PathError: a filter cannot be read.
    """

    def __init__(self, settings: Mapping[str, str], *, lines: bool) -> None:
        self._input = Path(settings.get("InputFilter", "$"))
        self._output = Path(settings.get("OutputFilter", "$"))
        self._joins = settings.get("JoinSource", "None") == "Input"
        self._lines = lines

    def request(self, payload: bytes) -> bytes:
        """The payload with only what InputFilter selects of each record."""
        return self._written([self._input.select(record) for record in self._read(payload)])

    def answer(self, payload: bytes, answer: bytes) -> bytes:
        """The answer, joined with the payload's records if asked to, through OutputFilter.

        Raises:
            SplitError: there are not as many answers as records.
        """
        records, outputs = self._read(payload), self._read(answer)
        if len(records) != len(outputs):
            raise SplitError(
                f"ClientError: {len(outputs)} answers cannot be joined with {len(records)} records"
            )
        joined = map(_joined, records, outputs) if self._joins else iter(outputs)
        return self._written([self._output.select(each) for each in joined])

    def _read(self, content: bytes) -> list[Any]:
        try:
            parts = content.splitlines() if self._lines else [content]
            return [json.loads(part) for part in parts if part.strip()]
        except ValueError:
            raise SplitError("ClientError: the records are not JSON") from None

    def _written(self, documents: list[Any]) -> bytes:
        return b"".join(
            json.dumps(each, separators=(",", ":")).encode() + b"\n" for each in documents
        )


def _joined(record: Any, output: Any) -> Any:
    whole = record if isinstance(record, dict) else {"SageMakerInput": record}
    return {**whole, "SageMakerOutput": output}


class Path:
    """A JSONPath of SageMaker's subset: `$`, `.name`, `*`, `['a','b']`, `[0,2]`, `[1:3]`."""

    def __init__(self, text: str) -> None:
        steps, end = list(_STEP.finditer(text, 1)), 1
        for step in steps:
            if step.start() != end:
                break
            end = step.end()
        if not text.startswith("$") or end != len(text):
            raise PathError(f"{text} is not a JSONPath that batch transform supports")
        self._text = text
        self._steps = [
            step.group(1) or step.group(2) or _selection(step.group(3), text) for step in steps
        ]

    def select(self, value: Any) -> Any:
        """What the path selects.

        Raises:
            SplitError: the value has no such part.
        """
        try:
            for step in self._steps:
                value = _taken(value, step)
        except (KeyError, IndexError, TypeError):
            raise SplitError(f"ClientError: a record has no {self._text}") from None
        return value


def _selection(inside: str, text: str) -> Any:
    """Several names, several indices, or a slice, of what stands in brackets."""
    parts = [part.strip() for part in inside.split(",")]
    names = [_NAME.fullmatch(part) for part in parts]
    if all(names):
        return [found.group(1) or found.group(2) for found in names if found]
    if inside == "*":
        return inside
    try:
        return tuple(_index(part) for part in parts)
    except ValueError:
        raise PathError(f"{text} is not a JSONPath that batch transform supports") from None


def _index(part: str) -> int | slice:
    if ":" not in part:
        return int(part)
    start, end = part.split(":")
    return slice(int(start) if start else None, int(end) if end else None)


def _taken(value: Any, step: Any) -> Any:
    if step == "*":
        return list(value.values()) if isinstance(value, dict) else list(value)
    if isinstance(step, str):
        return value[step]
    if isinstance(step, list):
        return value[step[0]] if len(step) == 1 else {name: value[name] for name in step}
    if not isinstance(value, list):
        raise TypeError
    if len(step) == 1 and isinstance(step[0], int):
        return value[step[0]]
    chosen = [value[each] if isinstance(each, slice) else [value[each]] for each in step]
    return [item for part in chosen for item in part]
