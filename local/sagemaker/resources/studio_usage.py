"""Who uses a Studio resource, so that it cannot be deleted."""

from typing import Any

from local.sagemaker.core.errors import in_use
from local.sagemaker.core.region import Record, Region


def members(region: Region, kind: str, **equal: Any) -> list[Record]:
    """The resources of a kind whose members have these values."""
    return [
        record
        for record in region.all(kind)
        if all(record.get(name) == value for name, value in equal.items())
    ]


def live_apps(region: Region, **equal: Any) -> list[Record]:
    """The apps that are not Deleted; deleted ones stay listed but bind nothing."""
    return [app for app in members(region, "app", **equal) if app["Status"] != "Deleted"]


def check_free(what: str, users: dict[str, list[Record]]) -> None:
    """Raise ResourceInUse if anything still uses the resource."""
    for kind, found in users.items():
        if found:
            raise in_use(f"Unable to delete {what} because {kind}(s) are associated with it.")
