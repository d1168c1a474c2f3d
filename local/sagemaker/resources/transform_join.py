"""A batch transform's DataProcessing: which part of a record is sent, and what its answer joins.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/batch-transform-data-processing.html
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from local.sagemaker.resources.transform_split import SplitError

JSON, JSON_LINES = "application/json", "application/jsonlines"
Value = Any  # of JSON
# A step of a path: a name or `*`, several names, or indices and slices.
Step = str | list[str] | tuple[int | slice, ...]
_STEP = re.compile(r"\.(\w+)|\.?(\*)|\[([^\]]+)\]")
_NAME = re.compile(r"'([^']*)'|\"([^\"]*)\"")


class PathError(ValueError):
    """A JSONPath that SageMaker does not support; the message names it."""


@dataclass(frozen=True)
class JsonPath:
    """A JSONPath of SageMaker's subset: `$`, `.name`, `*`, `['a','b']`, `[0,2]`, `[1:3]`.

    Attributes:
        text: the path as it was written.
        steps: what each part selects.
    """

    text: str
    steps: Sequence[Step]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a path.

        Raises:
            PathError: it is not a path of this subset.
        """
        matches, end = list(_STEP.finditer(text, 1)), 1
        for match in matches:
            if match.start() != end:
                break
            end = match.end()
        if not text.startswith("$") or end != len(text):
            raise _unsupported(text)
        return cls(
            text,
            [match[1] or match[2] or _parse_brackets(match[3], text) for match in matches],
        )

    def select(self, value: Value) -> Value:
        """Return the part of a value that the path selects.

        Raises:
            SplitError: the value has no such part.
        """
        try:
            for step in self.steps:
                value = _take(value, step)
        except (KeyError, IndexError, TypeError):
            raise SplitError(f"ClientError: a record has no {self.text}") from None
        return value


@dataclass(frozen=True)
class Processing:
    """What happens to records on their way to the model, and to its answers.

    Attributes:
        input_filter: selects what is sent of a record.
        output_filter: selects what is stored of an answer, after the join.
        joins: whether answers are joined with their records.
        lines: whether payloads and answers are lines of JSON rather than one document each.
    """

    input_filter: JsonPath
    output_filter: JsonPath
    joins: bool
    lines: bool

    @classmethod
    def of_job(cls, settings: Mapping[str, str], content_type: str) -> Self:
        """Return what a job's DataProcessing says, for input of a content type.

        Raises:
            PathError: a filter cannot be read.
        """
        return cls(
            JsonPath.parse(settings.get("InputFilter", "$")),
            JsonPath.parse(settings.get("OutputFilter", "$")),
            joins=settings.get("JoinSource", "None") == "Input",
            lines=content_type == JSON_LINES,
        )

    def request(self, payload: bytes) -> bytes:
        """Return the payload with only what InputFilter selects of each record.

        Raises:
            SplitError: the records are not JSON, or lack the part.
        """
        return _dump([self.input_filter.select(record) for record in self._load(payload)])

    def answer(self, payload: bytes, answer: bytes) -> bytes:
        """Return what OutputFilter selects of the answers, joined with the payload's records.

        Raises:
            SplitError: there are not as many answers as records, or they lack the part.
        """
        records, outputs = self._load(payload), self._load(answer)
        if len(records) != len(outputs):
            raise SplitError(
                f"ClientError: {len(outputs)} answers cannot be joined with {len(records)} records"
            )
        joined = map(_join, records, outputs) if self.joins else iter(outputs)
        return _dump([self.output_filter.select(each) for each in joined])

    def _load(self, content: bytes) -> list[Value]:
        try:
            parts = content.splitlines() if self.lines else [content]
            return [json.loads(part) for part in parts if part.strip()]
        except ValueError:
            raise SplitError("ClientError: the records are not JSON") from None


def _dump(documents: list[Value]) -> bytes:
    return b"".join(json.dumps(each, separators=(",", ":")).encode() + b"\n" for each in documents)


def _join(record: Value, output: Value) -> Value:
    members = record if isinstance(record, dict) else {"SageMakerInput": record}
    return {**members, "SageMakerOutput": output}


def _parse_brackets(inside: str, text: str) -> Step:
    parts = [part.strip() for part in inside.split(",")]
    names = [_NAME.fullmatch(part) for part in parts]
    if all(names):
        return [match[1] or match[2] for match in names if match]
    if inside == "*":
        return inside
    try:
        return tuple(_parse_index(part) for part in parts)
    except ValueError:
        raise _unsupported(text) from None


def _unsupported(text: str) -> PathError:
    return PathError(f"{text} is not a JSONPath that batch transform supports")


def _parse_index(part: str) -> int | slice:
    if ":" not in part:
        return int(part)
    start, end = part.split(":")
    return slice(int(start) if start else None, int(end) if end else None)


def _take(value: Value, step: Step) -> Value:
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
