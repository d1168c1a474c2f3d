"""Search: resources by any of their properties, with nested boolean expressions."""

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from local.sagemaker.core import paging, wire
from local.sagemaker.core.errors import invalid
from local.sagemaker.core.operation import Call, Operation, Response
from local.sagemaker.core.region import Record, Region
from local.sagemaker.resources import training_jobs

Compare = Callable[[Any, Any], bool]
RESOURCES = {"TrainingJob": (training_jobs.KIND, "TrainingJobArn")}
MAPS = ("Tags", "HyperParameters", "Environment", "Metrics")  # what follows the dot is a key
COMPARISONS: Mapping[str, Compare] = {
    "Equals": lambda actual, wanted: bool(actual == wanted),
    "NotEquals": lambda actual, wanted: bool(actual != wanted),
    "GreaterThan": lambda actual, wanted: bool(actual > wanted),
    "GreaterThanOrEqualTo": lambda actual, wanted: bool(actual >= wanted),
    "LessThan": lambda actual, wanted: bool(actual < wanted),
    "LessThanOrEqualTo": lambda actual, wanted: bool(actual <= wanted),
    "Contains": lambda actual, wanted: str(wanted) in str(actual),
    "In": lambda actual, wanted: str(actual) in [part.strip() for part in wanted.split(",")],
}
TEXT_ONLY, EQUALITY = ("Contains", "In"), ("Equals", "NotEquals")


def _search(call: Call) -> Response:
    request, region = call.request, call.region
    resource = request["Resource"]
    if resource not in RESOURCES:
        raise invalid(f"The local account searches {', '.join(RESOURCES)} only.")
    expression, by = request.get("SearchExpression"), request.get("SortBy", "LastModifiedTime")
    _check_property(resource, by)
    if expression is not None:
        _check(resource, expression)
    kind, arn = RESOURCES[resource]
    with region.lock:
        seen = [(record, _properties(region, record, arn)) for record in region.all(kind)]
        found = [pair for pair in seen if expression is None or _holds(pair[1], expression)]
        found.sort(key=lambda pair: _sort_key(_property(pair[1], by)))
        results = [record | {"Tags": _tags(region, record[arn])} for record, _ in found]
    if request.get("SortOrder", "Descending") == "Descending":
        results.reverse()
    page, token = paging.slice_page(results, request)
    total = {"TotalHits": {"Value": len(results), "Relation": "EqualTo"}}
    answer = {"Results": [{resource: record} for record in page], **total}
    return answer | ({"NextToken": token} if token else {})


def _properties(region: Region, record: Record, arn: str) -> Record:
    """The record as search sees it: tags and final metrics by name."""
    metrics = record.get("FinalMetricDataList", [])
    return {
        **record,
        "Tags": region.tags.get(record[arn], {}),
        "Metrics": {metric["MetricName"]: metric["Value"] for metric in metrics},
    }


def _tags(region: Region, arn: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in region.tags.get(arn, {}).items()]


def _check(resource: str, expression: Mapping[str, Any]) -> None:
    parts = ("Filters", "NestedFilters", "SubExpressions")
    if not any(expression.get(part) for part in parts):
        raise invalid("A search expression needs a filter, nested filter or sub-expression.")
    for nested in expression.get("NestedFilters", []):
        _check_property(resource, nested["NestedPropertyName"])
    for each in expression.get("SubExpressions", []):
        _check(resource, each)
    for each in _filters(expression):
        _check_property(resource, each["Name"])
        if "Value" not in each and each.get("Operator") not in ("Exists", "NotExists"):
            raise invalid(f"The filter on {each['Name']} needs a value.")


def _filters(expression: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    nested = [each for item in expression.get("NestedFilters", []) for each in item["Filters"]]
    return [*expression.get("Filters", []), *nested]


def _check_property(resource: str, path: str) -> None:
    results = wire.operations()["Search"].output_shape.members["Results"]
    shape: Shape | None = results.member.members[resource]
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


def _holds(record: Record, expression: Mapping[str, Any]) -> bool:
    results = [_filter(record, item) for item in expression.get("Filters", [])]
    results += [_nested(record, item) for item in expression.get("NestedFilters", [])]
    results += [_holds(record, item) for item in expression.get("SubExpressions", [])]
    return any(results) if expression.get("Operator") == "Or" else all(results)


def _nested(record: Record, nested: Mapping[str, Any]) -> bool:
    prefix = f"{nested['NestedPropertyName']}."
    items = _property(record, nested["NestedPropertyName"]) or []
    filters = [{**item, "Name": item["Name"].removeprefix(prefix)} for item in nested["Filters"]]
    return any(all(_filter(item, one) for one in filters) for item in items)


def _filter(record: Record, wanted: Mapping[str, Any]) -> bool:
    operator, name = str(wanted.get("Operator", "Equals")), str(wanted["Name"])
    actual = _property(record, name)
    if operator in ("Exists", "NotExists"):
        return (actual is not None) == (operator == "Exists")
    if actual is None:
        return operator == "NotEquals"
    try:
        one, other = _comparable(actual, wanted["Value"], name.startswith("HyperParameters."))
    except ValueError:
        raise invalid(f"The value '{wanted['Value']}' cannot be compared with {name}.") from None
    if isinstance(one, str) != (operator in TEXT_ONLY) and operator not in EQUALITY:
        kind = "text" if isinstance(one, str) else "numerical"
        raise invalid(f"The operator {operator} is not supported for the {kind} property {name}.")
    return COMPARISONS[operator](one, other)


def _comparable(actual: Any, wanted: str, is_hyperparameter: bool) -> tuple[Any, Any]:
    """Both in the type of the property; numerical hyperparameters in that of the value."""
    if isinstance(actual, datetime.datetime):
        time = datetime.datetime.fromisoformat(wanted.replace("Z", "+00:00"))
        return actual, time if time.tzinfo else time.replace(tzinfo=datetime.UTC)
    if isinstance(actual, bool):
        return str(actual).lower(), wanted.lower()
    if isinstance(actual, int | float):
        return float(actual), float(wanted)
    if is_hyperparameter and _is_number(actual) and _is_number(wanted):
        whole = wanted.lstrip("+-").isdigit()
        return (int(float(actual)), int(wanted)) if whole else (float(actual), float(wanted))
    return actual, wanted


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _sort_key(value: Any) -> tuple[bool, bool, float, str]:
    """Resources without the property first, then numbers, then texts."""
    if isinstance(value, datetime.datetime):
        value = value.timestamp()
    shown = str(value)
    number = float(shown) if _is_number(shown) else 0.0
    return value is not None, not _is_number(shown), number, shown


def _property(record: Any, path: str) -> Any:
    """A property by its dotted path; in maps, all that follows is the key."""
    first, _, key = path.partition(".")
    if first in MAPS and key:
        return record.get(first, {}).get(key)
    for step in path.split("."):
        if not isinstance(record, Mapping) or step not in record:
            return None
        record = record[step]
    return record


OPERATIONS = {"Search": Operation(_search)}
