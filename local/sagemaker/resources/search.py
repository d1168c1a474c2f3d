"""Search: training jobs by any of their properties, with nested boolean expressions."""

import datetime
from collections.abc import Callable, Mapping

from botocore.model import ListShape, MapShape, Shape, StructureShape

from local.sagemaker.core import paging, tagging, wire
from local.sagemaker.core.api import Response, Structure, Value
from local.sagemaker.core.errors import invalid
from local.sagemaker.core.operation import Call, Operation
from local.sagemaker.core.region import Resource
from local.sagemaker.resources.training_run import TrainingJob

Compare = Callable[[Value, Value], bool]
RESOURCES: Mapping[str, type[Resource]] = {"TrainingJob": TrainingJob}
MAPS = ("Tags", "HyperParameters", "Environment", "Metrics")  # what follows the dot is a key
COMPARISONS: Mapping[str, Compare] = {
    "Equals": lambda actual, value: bool(actual == value),
    "NotEquals": lambda actual, value: bool(actual != value),
    "GreaterThan": lambda actual, value: bool(actual > value),
    "GreaterThanOrEqualTo": lambda actual, value: bool(actual >= value),
    "LessThan": lambda actual, value: bool(actual < value),
    "LessThanOrEqualTo": lambda actual, value: bool(actual <= value),
    "Contains": lambda actual, value: str(value) in str(actual),
    "In": lambda actual, value: str(actual) in [part.strip() for part in value.split(",")],
}
TEXT_ONLY, EQUALITY = ("Contains", "In"), ("Equals", "NotEquals")


def _search(call: Call) -> Response:
    request, region = call.request, call.region
    noun = request["Resource"]
    if noun not in RESOURCES:
        raise invalid(f"The local account searches {', '.join(RESOURCES)} only.")
    expression, by = request.get("SearchExpression"), request.get("SortBy", "LastModifiedTime")
    _check_property(noun, by)
    if expression is not None:
        _check(noun, expression)
    with region.lock:
        every = [(resource, _properties(resource)) for resource in region.all(RESOURCES[noun])]
        selected = [pair for pair in every if expression is None or _holds(pair[1], expression)]
        selected.sort(key=lambda pair: _sort_key(_property(pair[1], by)))
        results = [
            {**resource.description, "Tags": tagging.pairs(properties["Tags"])}
            for resource, properties in selected
        ]
    if request.get("SortOrder", "Descending") == "Descending":
        results.reverse()
    page, token = paging.slice_page(results, request)
    total = {"TotalHits": {"Value": len(results), "Relation": "EqualTo"}}
    response = {"Results": [{noun: result} for result in page], **total}
    return response | ({"NextToken": token} if token else {})


def _properties(resource: Resource) -> Structure:
    """Return what can be searched: the description, with tags and final metrics by name."""
    metrics = resource.description.get("FinalMetricDataList", [])
    return {
        **resource.description,
        "Tags": resource.region.tags.get(resource.arn, {}),
        "Metrics": {metric["MetricName"]: metric["Value"] for metric in metrics},
    }


def _check(noun: str, expression: Structure) -> None:
    parts = ("Filters", "NestedFilters", "SubExpressions")
    if not any(expression.get(part) for part in parts):
        raise invalid("A search expression needs a filter, nested filter or sub-expression.")
    for nested in expression.get("NestedFilters", []):
        _check_property(noun, nested["NestedPropertyName"])
    for each in expression.get("SubExpressions", []):
        _check(noun, each)
    for each in _filters(expression):
        _check_property(noun, each["Name"])
        if "Value" not in each and each.get("Operator") not in ("Exists", "NotExists"):
            raise invalid(f"The filter on {each['Name']} needs a value.")


def _filters(expression: Structure) -> list[Structure]:
    nested = [each for item in expression.get("NestedFilters", []) for each in item["Filters"]]
    return [*expression.get("Filters", []), *nested]


def _check_property(noun: str, path: str) -> None:
    results = wire.operations()["Search"].output_shape.members["Results"]
    shape: Shape | None = results.member.members[noun]
    first, _, key = path.partition(".")
    if first in MAPS and key:
        return
    for step in path.split("."):
        shape = _member(shape, step)
        if shape is None:
            raise invalid(f"Unknown property name: {path}")


def _member(shape: Shape | None, step: str) -> Shape | None:
    if isinstance(shape, ListShape):
        return _member(shape.member, step)
    if isinstance(shape, MapShape):
        return shape.value
    return shape.members.get(step) if isinstance(shape, StructureShape) else None


def _holds(properties: Structure, expression: Structure) -> bool:
    results = [_passes(properties, item) for item in expression.get("Filters", [])]
    results += [_passes_nested(properties, item) for item in expression.get("NestedFilters", [])]
    results += [_holds(properties, item) for item in expression.get("SubExpressions", [])]
    return any(results) if expression.get("Operator") == "Or" else all(results)


def _passes_nested(properties: Structure, nested: Structure) -> bool:
    prefix = f"{nested['NestedPropertyName']}."
    items = _property(properties, nested["NestedPropertyName"]) or []
    filters = [{**item, "Name": item["Name"].removeprefix(prefix)} for item in nested["Filters"]]
    return any(all(_passes(item, each) for each in filters) for item in items)


def _passes(properties: Structure, condition: Structure) -> bool:
    operator, name = str(condition.get("Operator", "Equals")), str(condition["Name"])
    actual = _property(properties, name)
    if operator in ("Exists", "NotExists"):
        return (actual is not None) == (operator == "Exists")
    if actual is None:
        return operator == "NotEquals"
    try:
        left, right = _comparable(actual, condition["Value"], name.startswith("HyperParameters."))
    except ValueError:
        raise invalid(f"The value '{condition['Value']}' cannot be compared with {name}.") from None
    if isinstance(left, str) != (operator in TEXT_ONLY) and operator not in EQUALITY:
        kind = "text" if isinstance(left, str) else "numerical"
        raise invalid(f"The operator {operator} is not supported for the {kind} property {name}.")
    return COMPARISONS[operator](left, right)


def _comparable(actual: Value, value: str, is_hyperparameter: bool) -> tuple[Value, Value]:
    """Return both in the type of the property, or of the value for numerical hyperparameters.

    Raises:
        ValueError: the value cannot be read as that type.
    """
    if isinstance(actual, datetime.datetime):
        time = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
        return actual, time if time.tzinfo else time.replace(tzinfo=datetime.UTC)
    if isinstance(actual, bool):
        return str(actual).lower(), value.lower()
    if isinstance(actual, int | float):
        return float(actual), float(value)
    if is_hyperparameter and _is_number(actual) and _is_number(value):
        whole = value.lstrip("+-").isdigit()
        return (int(float(actual)), int(value)) if whole else (float(actual), float(value))
    return actual, value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _sort_key(value: Value) -> tuple[bool, bool, float, str]:
    """Sort resources without the property first, then by number, then by text."""
    if isinstance(value, datetime.datetime):
        value = value.timestamp()
    shown = str(value)
    number = float(shown) if _is_number(shown) else 0.0
    return value is not None, not _is_number(shown), number, shown


def _property(properties: Structure, path: str) -> Value:
    """Return a property by its dotted path; in maps, all that follows is the key."""
    first, _, key = path.partition(".")
    if first in MAPS and key:
        return properties.get(first, {}).get(key)
    value: Value = properties
    for step in path.split("."):
        if not isinstance(value, Mapping) or step not in value:
            return None
        value = value[step]
    return value


OPERATIONS = {"Search": Operation(_search)}
