"""Search: resources by any of their properties, with nested boolean expressions."""

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from local.sagemaker import paging, training
from local.sagemaker.errors import invalid
from local.sagemaker.operation import Call, Operation, Response
from local.sagemaker.region import Record, Region

Compare = Callable[[Any, str], bool]
RESOURCES = {"TrainingJob": (training.KIND, "TrainingJobArn")}


def _typed(actual: Any, wanted: str) -> Any:
    """The wanted text in the type of what it is compared with."""
    if isinstance(actual, datetime.datetime):
        time = datetime.datetime.fromisoformat(wanted.replace("Z", "+00:00"))
        return time if time.tzinfo else time.replace(tzinfo=datetime.UTC)
    if isinstance(actual, int | float) and not isinstance(actual, bool):
        return float(wanted)
    return wanted


def _equal(actual: Any, wanted: str) -> bool:
    return bool(_shown(actual) == _typed(actual, wanted))


def _shown(actual: Any) -> Any:
    return str(actual) if isinstance(actual, bool) else actual


COMPARISONS: Mapping[str, Compare] = {
    "Equals": _equal,
    "NotEquals": lambda actual, wanted: not _equal(actual, wanted),
    "GreaterThan": lambda actual, wanted: bool(actual > _typed(actual, wanted)),
    "GreaterThanOrEqualTo": lambda actual, wanted: bool(actual >= _typed(actual, wanted)),
    "LessThan": lambda actual, wanted: bool(actual < _typed(actual, wanted)),
    "LessThanOrEqualTo": lambda actual, wanted: bool(actual <= _typed(actual, wanted)),
    "Contains": lambda actual, wanted: wanted in str(actual),
    "In": lambda actual, wanted: str(actual) in [part.strip() for part in wanted.split(",")],
}


def _search(call: Call) -> Response:
    request, region = call.request, call.region
    if request["Resource"] not in RESOURCES:
        raise invalid(f"The local account searches {', '.join(RESOURCES)} only.")
    kind, arn = RESOURCES[request["Resource"]]
    with region.lock:
        found = [
            record | {"Tags": _tags(region, record[arn])}
            for record in region.all(kind)
            if _matches({**record, "Tags": region.tags.get(record[arn], {})}, request)
        ]
    by = request.get("SortBy", "LastModifiedTime")
    found.sort(key=lambda record: _sort_key(_property(record, by)))
    if request.get("SortOrder", "Descending") == "Descending":
        found.reverse()
    page, token = paging.slice_page(found, request)
    total = {"TotalHits": {"Value": len(found), "Relation": "EqualTo"}}
    results = {"Results": [{request["Resource"]: record} for record in page], **total}
    return results | ({"NextToken": token} if token else {})


def _tags(region: Region, arn: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in region.tags.get(arn, {}).items()]


def _sort_key(value: Any) -> tuple[bool, str]:
    shown = value.isoformat() if isinstance(value, datetime.datetime) else str(value)
    return value is not None, shown


def _matches(record: Record, request: Mapping[str, Any]) -> bool:
    expression = request.get("SearchExpression")
    return expression is None or _holds(record, expression)


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
    operator = str(wanted.get("Operator", "Equals"))
    actual = _property(record, wanted["Name"])
    if operator in ("Exists", "NotExists"):
        return (actual is not None) == (operator == "Exists")
    if actual is None:
        return operator == "NotEquals"
    if "Value" not in wanted:
        raise invalid(f"The filter on {wanted['Name']} needs a value.")
    try:
        return COMPARISONS[operator](actual, wanted["Value"])
    except (TypeError, ValueError):
        raise invalid(
            f"The value '{wanted['Value']}' cannot be compared with {wanted['Name']}."
        ) from None


def _property(record: Any, path: str) -> Any:
    """A property by its dotted path; keys of maps (Tags.x, HyperParameters.y) count as members."""
    for step in path.split("."):
        if not isinstance(record, Mapping) or step not in record:
            return None
        record = record[step]
    return record


OPERATIONS = {"Search": Operation(_search)}
