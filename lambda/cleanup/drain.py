"""Empties a Studio domain, so that CloudFormation can delete what it made there.

On Create it writes down what SageMaker made around the domain; on Delete it deletes apps, then
spaces, then user profiles, but for those that CloudFormation owns and deletes next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cleanup import aws, domain_records
from cleanup.deletion_plan import Call, Plan
from cleanup.resource import Event, Properties, accept, progress

_FAILED_APP = "Failed"  # SageMaker removes it by itself, yet lists it for a day


@dataclass(frozen=True)
class Contents:
    """What a domain holds, as SageMaker lists it."""

    domain_id: str
    apps: Sequence[dict[str, Any]]
    spaces: Sequence[dict[str, Any]]
    profiles: Sequence[dict[str, Any]]


def plan(found: Contents, *, keep_spaces: Sequence[str], keep_profiles: Sequence[str]) -> Plan:
    """Delete in the order that SageMaker demands: a step begins when the one before has ended."""
    apps = [app for app in found.apps if app["Status"] != "Deleted"]
    spaces = [space for space in found.spaces if space["SpaceName"] not in keep_spaces]
    profiles = [p for p in found.profiles if p["UserProfileName"] not in keep_profiles]
    lingering = tuple(_delete_app(app) for app in apps if app["Status"] == _FAILED_APP)
    steps = (
        _delete_apps([app for app in apps if app["Status"] != _FAILED_APP]),
        _delete_members(found.domain_id, "space", "SpaceName", spaces),
        _delete_members(found.domain_id, "user profile", "UserProfileName", profiles),
    )
    current = next((step for step in steps if step.remaining), Plan())
    return Plan(lingering + current.calls, sum(steps, Plan()).remaining)


def _delete_apps(apps: Sequence[dict[str, Any]]) -> Plan:
    # A pending app cannot be deleted: it comes into service, or fails, within minutes.
    return Plan(
        tuple(_delete_app(app) for app in apps if app["Status"] == "InService"),
        tuple(_name("app", app, "AppName") for app in apps),
    )


def _delete_app(app: dict[str, Any]) -> Call:
    # An app belongs to a space or to a user profile, never to both.
    owner = "SpaceName" if app.get("SpaceName") else "UserProfileName"
    keys = ("DomainId", owner, "AppType", "AppName")
    return Call("sagemaker", "delete_app", {key: app[key] for key in keys})


def _delete_members(domain_id: str, kind: str, key: str, members: Sequence[dict[str, Any]]) -> Plan:
    operation = f"delete_{kind.replace(' ', '_')}"
    return Plan(
        tuple(
            Call("sagemaker", operation, {"DomainId": domain_id, key: member[key]})
            for member in members
            if member["Status"] != "Deleting"
        ),
        tuple(_name(kind, member, key) for member in members),
    )


def _name(kind: str, item: dict[str, Any], key: str) -> str:
    return f"{kind} {item[key]} ({item['Status']})"


def look(domain_id: str) -> Contents:
    """Return what the domain holds now; nothing if the domain itself is gone."""
    if aws.describe("sagemaker", "describe_domain", DomainId=domain_id) is None:
        return Contents(domain_id, (), (), ())

    def members(operation: str, key: str) -> list[dict[str, Any]]:
        return aws.list_all("sagemaker", operation, key, DomainIdEquals=domain_id)

    return Contents(
        domain_id,
        apps=members("list_apps", "Apps"),
        spaces=members("list_spaces", "Spaces"),
        profiles=members("list_user_profiles", "UserProfiles"),
    )


def write_down(domain_id: str, parameter: str) -> None:
    """Record the domain's file system and NFS security groups for Sweep."""
    domain = aws.client("sagemaker").describe_domain(DomainId=domain_id)
    names = [f"security-group-for-{way}-nfs-{domain_id}" for way in ("inbound", "outbound")]
    groups = aws.list_all(
        "ec2",
        "describe_security_groups",
        "SecurityGroups",
        Filters=[
            {"Name": "vpc-id", "Values": [domain["VpcId"]]},
            {"Name": "group-name", "Values": names},
        ],
    )
    record = domain_records.DomainRecord(
        domain_id,
        domain["DomainArn"],
        domain.get("HomeEfsFileSystemId"),
        tuple(sorted(group["GroupId"] for group in groups)),
    )
    domain_records.write(parameter, record)


def on_event(event: Event, _context: object) -> dict[str, Any]:
    """Write the domain down; `is_complete` does the work of a Delete."""
    given: Properties = event["ResourceProperties"]
    if event["RequestType"] != "Delete":
        write_down(given["DomainId"], given["RecordParameter"])
    # One id for each domain: when an update replaces the domain, the old one is drained too.
    return accept(event, f"{given['DomainId']}-{given['Stage']}")


def is_complete(event: Event, _context: object) -> dict[str, bool]:
    """On Delete, empty the domain further and report whether only what is kept is left."""
    return progress(event, _drain)


def _drain(given: Properties) -> tuple[str, ...]:
    def next_plan() -> Plan:
        return plan(
            look(given["DomainId"]),
            keep_spaces=given.get("KeepSpaces", ()),
            keep_profiles=given.get("KeepUserProfiles", ()),
        )

    return aws.settle(next_plan)
