"""SageMaker's JSON 1.1 protocol, from botocore's model: checks requests, shapes responses."""

import base64
import binascii
import datetime
import functools
import re
from collections.abc import Callable, Iterator, Mapping

import botocore.session
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from local.sagemaker.core.api import Description, Request, Response, Structure, Value
from local.sagemaker.core.errors import ServiceError, invalid

# Java's character classes, which the model's patterns use and Python's re lacks.
JAVA_CLASSES = {
    r"\p{Alnum}": "a-zA-Z0-9",
    r"\p{L}": r"\w",
    r"\p{N}": r"\d",
    r"\p{Z}": r"\s",
    r"\p{M}": r"\W",
    r"\p{S}": r"\W",
    r"\p{P}": r"\W",
}
JSON_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "boolean": bool,
    "list": list,
    "map": dict,
    "structure": dict,
    "timestamp": (int, float, str),
    "blob": str,
}


@functools.cache
def operations() -> Mapping[str, OperationModel]:
    """Return every operation of SageMaker's control plane, by name."""
    model = botocore.session.Session().get_service_model("sagemaker")
    return {name: model.operation_model(name) for name in model.operation_names}


def check(operation: str, request: Structure) -> Request:
    """Return a request as the service reads it.

    Args:
        operation: the operation's name.
        request: the request as JSON.

    Returns:
        The members that the operation has, with blobs decoded and timestamps as datetimes.

    Raises:
        ServiceError: SerializationException for a wrong JSON type, else ValidationException with
            every violated constraint, worded as the service words them.
    """
    shape = operations()[operation].input_shape
    if shape is None:
        return {}
    problems = list(_problems(shape, request, ""))
    if problems:
        plural = "s" if len(problems) > 1 else ""
        raise invalid(f"{len(problems)} validation error{plural} detected: {'; '.join(problems)}")
    checked: Request = _convert(shape, request, _from_json)
    return checked


def render(operation: str, response: Response) -> Response:
    """Return a response as JSON: the members that the operation has, timestamps in seconds."""
    shape = operations()[operation].output_shape
    rendered: Response = {} if shape is None else _convert(shape, response, _to_json)
    return rendered


def described(operation: str, members: Structure) -> Description:
    """Return those of `members` that the output of a Describe operation has, at every depth."""
    shape = operations()[operation].output_shape
    description: Description = _convert(shape, members, lambda _shape, value: value)
    return description


def _convert(shape: Shape, value: Value, leaf: Callable[[Shape, Value], Value]) -> Value:
    """Return a value of a shape, without members that the shape lacks, its leaves converted."""
    if isinstance(shape, StructureShape):
        return {
            name: _convert(member, value[name], leaf)
            for name, member in shape.members.items()
            if value.get(name) is not None
        }
    if isinstance(shape, ListShape):
        return [_convert(shape.member, item, leaf) for item in value]
    if isinstance(shape, MapShape):
        return {key: _convert(shape.value, item, leaf) for key, item in value.items()}
    return leaf(shape, value)


def _from_json(shape: Shape, value: Value) -> Value:
    if shape.type_name == "timestamp":
        return _timestamp(value)
    if shape.type_name == "blob":
        return _blob(value)
    return value


def _to_json(_shape: Shape, value: Value) -> Value:
    return round(value.timestamp(), 3) if isinstance(value, datetime.datetime) else value


def _timestamp(value: str | float) -> datetime.datetime:
    try:
        if isinstance(value, str):
            time = datetime.datetime.fromisoformat(value)
            return time if time.tzinfo else time.replace(tzinfo=datetime.UTC)
        return datetime.datetime.fromtimestamp(value, datetime.UTC)
    except (ValueError, OverflowError, OSError):
        raise ServiceError("SerializationException", f"'{value}' is not a timestamp") from None


def _blob(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        raise ServiceError("SerializationException", "a blob is not base64") from None


def _problems(shape: Shape, value: Value, path: str) -> Iterator[str]:
    _check_type(shape, value, path)
    if isinstance(shape, StructureShape):
        yield from _member_problems(shape, value, path)
    elif isinstance(shape, ListShape):
        yield from _size_problems(shape, len(value), value, path)
        for number, item in enumerate(value, 1):
            yield from _problems(shape.member, item, f"{path}.{number}.member")
    elif isinstance(shape, MapShape):
        yield from _size_problems(shape, len(value), value, path)
        for key, item in value.items():
            yield from _problems(shape.key, key, f"{path}.{key}.key")
            yield from _problems(shape.value, item, f"{path}.{key}.member")
    elif shape.type_name == "string":
        yield from _string_problems(shape, value, path)
    elif shape.type_name in ("integer", "long", "float", "double"):
        yield from _range_problems(shape, value, path)


def _check_type(shape: Shape, value: object, path: str) -> None:
    is_boolean = isinstance(value, bool)  # which Python takes for an int, too
    if not isinstance(value, JSON_TYPES[shape.type_name]) or is_boolean != (
        shape.type_name == "boolean"
    ):
        raise ServiceError(
            "SerializationException",
            f"{type(value).__name__.upper()}_VALUE cannot be converted to {shape.type_name} "
            f"at '{path}'",
        )


def _member_problems(shape: StructureShape, value: Structure, path: str) -> Iterator[str]:
    for name, member in shape.members.items():
        where = f"{path}.{_lower_first(name)}" if path else _lower_first(name)
        if value.get(name) is not None:
            yield from _problems(member, value[name], where)
        elif name in shape.required_members:
            yield _problem("null", where, "Member must not be null")


def _string_problems(shape: Shape, value: str, path: str) -> Iterator[str]:
    yield from _size_problems(shape, len(value), value, path)
    pattern, allowed = shape.metadata.get("pattern"), shape.metadata.get("enum")
    if pattern and not _pattern(pattern).fullmatch(value):
        yield _problem(value, path, f"Member must satisfy regular expression pattern: {pattern}")
    if allowed and value not in allowed:
        yield _problem(value, path, f"Member must satisfy enum value set: [{', '.join(allowed)}]")


def _size_problems(shape: Shape, size: int, value: Value, path: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and size < low:
        yield _problem(value, path, f"Member must have length greater than or equal to {low}")
    if high is not None and size > high:
        yield _problem(value, path, f"Member must have length less than or equal to {high}")


def _range_problems(shape: Shape, value: float, path: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and value < low:
        yield _problem(value, path, f"Member must have value greater than or equal to {low}")
    if high is not None and value > high:
        yield _problem(value, path, f"Member must have value less than or equal to {high}")


def _problem(value: Value, path: str, constraint: str) -> str:
    shown = "null" if value == "null" else f"'{value}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {constraint}"


def _lower_first(name: str) -> str:
    return name[:1].lower() + name[1:]


@functools.cache
def _pattern(pattern: str) -> re.Pattern[str]:
    for java, python in JAVA_CLASSES.items():
        pattern = pattern.replace(java, python)
    try:
        return re.compile(pattern)
    except re.error:  # surrogate ranges and the like, of members that this account never reads
        return re.compile(".*", re.DOTALL)
