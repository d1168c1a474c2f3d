"""Tags: AddTags, ListTags, DeleteTags, and the tags that a resource is created with."""

from collections.abc import Mapping

from local.sagemaker.core.api import Request, Response
from local.sagemaker.core.errors import invalid, limit_exceeded
from local.sagemaker.core.operation import Call, Operation
from local.sagemaker.core.region import Region, Resource

MAX_TAGS = 50
RESERVED = "aws:"


def refuse_reserved(request: Request) -> None:
    """Check that a request neither sets nor removes tags that are reserved for AWS.

    Raises:
        ServiceError: ValidationException.
    """
    keys = [tag["Key"] for tag in request.get("Tags", [])] + request.get("TagKeys", [])
    if any(key.lower().startswith(RESERVED) for key in keys):
        raise invalid("aws: prefixed tag key names are not allowed for external use.")


def merged(request: Request, present: Mapping[str, str]) -> dict[str, str]:
    """Return the tags `present` on a resource with those that a request adds.

    Raises:
        ServiceError: ValidationException for a duplicate key, ResourceLimitExceeded for more
            tags than a resource can have; those reserved for AWS do not count.
    """
    tags = request.get("Tags", [])
    new = {tag["Key"]: tag["Value"] for tag in tags}
    if len(new) < len(tags):
        raise invalid("Duplicate tag keys found. Tag keys must be unique per resource.")
    together = {**present, **new}
    if sum(not key.lower().startswith(RESERVED) for key in together) > MAX_TAGS:
        raise limit_exceeded(f"A resource cannot have more than {MAX_TAGS} tags.")
    return together


def keep_tags(resource: Resource, request: Request) -> None:
    """Store the tags of the request that creates a resource."""
    if request.get("Tags"):
        resource.region.tags[resource.arn] = merged(request, {})


def pairs(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags as the API lists them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _add(call: Call) -> Response:
    region, arn = call.region, _existing(call)
    with region.lock:
        tags = region.tags[arn] = merged(call.request, region.tags.get(arn, {}))
        return {"Tags": pairs(tags)}


def _list(call: Call) -> Response:
    with call.region.lock:
        return {"Tags": pairs(call.region.tags.get(_existing(call), {}))}


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
    if region.arn(kind, *path) != arn.lower() or not region.has(kind, *path):
        raise invalid("Resource does not exist.")
    return arn.lower()


def _arn(_region: Region, request: Request) -> str:
    return str(request["ResourceArn"])


OPERATIONS = {
    "AddTags": Operation(_add, _arn),
    "ListTags": Operation(_list, _arn),
    "DeleteTags": Operation(_delete, _arn),
}
