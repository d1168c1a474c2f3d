"""Tags: AddTags, ListTags, DeleteTags, and those that a resource is created with."""

from collections.abc import Mapping

from local.sagemaker.core.errors import invalid, limit_exceeded
from local.sagemaker.core.operation import Call, Operation, Request, Response
from local.sagemaker.core.region import KINDS, Region

MAX_TAGS = 50
RESERVED = "aws:"


def refuse_reserved(request: Request) -> None:
    """Raise ValidationException if a request sets or removes tags that are AWS's own."""
    keys = [tag["Key"] for tag in request.get("Tags", [])] + request.get("TagKeys", [])
    if any(key.lower().startswith(RESERVED) for key in keys):
        raise invalid("aws: prefixed tag key names are not allowed for external use.")


def added(request: Request, known: Mapping[str, str]) -> dict[str, str]:
    """A resource's tags with those that a request adds.

    Raises:
        ServiceError: ValidationException for a key that stands twice, ResourceLimitExceeded for
            more tags than a resource can have; AWS's own do not count.
    """
    tags = request.get("Tags", [])
    fresh = {tag["Key"]: tag["Value"] for tag in tags}
    if len(fresh) < len(tags):
        raise invalid("Duplicate tag keys found. Tag keys must be unique per resource.")
    together = {**known, **fresh}
    if sum(not key.lower().startswith(RESERVED) for key in together) > MAX_TAGS:
        raise limit_exceeded(f"A resource cannot have more than {MAX_TAGS} tags.")
    return together


def keep_tags(region: Region, arn: str, request: Request) -> None:
    """Store the tags of a creating request."""
    if request.get("Tags"):
        region.tags[arn] = added(request, {})


def _add(call: Call) -> Response:
    region, arn = call.region, _existing(call)
    with region.lock:
        tags = region.tags[arn] = added(call.request, region.tags.get(arn, {}))
        return {"Tags": _pairs(tags)}


def _list(call: Call) -> Response:
    with call.region.lock:
        return {"Tags": _pairs(call.region.tags.get(_existing(call), {}))}


def _delete(call: Call) -> Response:
    region, arn = call.region, _existing(call)
    with region.lock:
        for key in call.request["TagKeys"]:
            region.tags.get(arn, {}).pop(key, None)
    return {}


def _existing(call: Call) -> str:
    region, arn = call.region, str(call.request["ResourceArn"])
    kind, _, name = arn.rpartition(":")[2].partition("/")
    path = name.split("/")
    if kind not in KINDS or region.arn(kind, *path) != arn.lower() or not region.get(kind, *path):
        raise invalid("Resource does not exist.")
    return arn.lower()


def _pairs(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _resource(_region: Region, request: Request) -> str:
    return str(request["ResourceArn"])


OPERATIONS = {
    "AddTags": Operation(_add, _resource),
    "ListTags": Operation(_list, _resource),
    "DeleteTags": Operation(_delete, _resource),
}
