"""Tags: AddTags, ListTags, DeleteTags, and those that a resource is created with."""

from local.sagemaker.errors import invalid, limit_exceeded
from local.sagemaker.operation import Call, Operation, Request, Response
from local.sagemaker.region import KINDS, Region

MAX_TAGS = 50


def keep_tags(region: Region, arn: str, request: Request) -> None:
    """Store the tags of a creating request."""
    tags = request.get("Tags", [])
    if tags:
        region.tags[arn] = {tag["Key"]: tag["Value"] for tag in tags}


def _add(call: Call) -> Response:
    region, arn = call.region, _existing(call)
    with region.lock:
        tags = region.tags.setdefault(arn, {})
        tags |= {tag["Key"]: tag["Value"] for tag in call.request["Tags"]}
        if len(tags) > MAX_TAGS:
            raise limit_exceeded(f"A resource cannot have more than {MAX_TAGS} tags: {arn}")
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
        raise invalid(f"Could not find resource {arn}.")
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
