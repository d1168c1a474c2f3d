"""Empties a Studio domain, so that CloudFormation can delete what it made there.

It writes down what SageMaker made around the domain, on Delete once more, since an update of the
parameter takes back what it held. Then it deletes apps, spaces and user profiles, in this order,
except those that CloudFormation owns and deletes next.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cleanup import aws, domain_records
from cleanup.deletion_plan import Call, Plan
from cleanup.descriptions import App, SecurityGroup, Space, UserProfile
from cleanup.resource import Accepted, Event, Progress, accept, progress
from contract.cleanup_properties import DrainDomainProperties

_FAILED_APP = "Failed"  # SageMaker removes it by itself, yet lists it for a day


@dataclass(frozen=True)
class Contents:
    """What a domain holds."""

    domain_id: str
    apps: Sequence[App]
    spaces: Sequence[Space]
    profiles: Sequence[UserProfile]


def plan(contents: Contents, *, keep_spaces: Sequence[str], keep_profiles: Sequence[str]) -> Plan:
    """Delete in the order that SageMaker demands: a step begins when the one before has ended."""
    apps = [app for app in contents.apps if app["Status"] != "Deleted"]
    spaces = [space for space in contents.spaces if space["SpaceName"] not in keep_spaces]
    profiles = [p for p in contents.profiles if p["UserProfileName"] not in keep_profiles]
    lingering = tuple(_delete_app(app) for app in apps if app["Status"] == _FAILED_APP)
    steps = (
        _delete_apps([app for app in apps if app["Status"] != _FAILED_APP]),
        _delete_spaces(contents.domain_id, spaces),
        _delete_profiles(contents.domain_id, profiles),
    )
    current = next((step for step in steps if step.remaining), Plan())
    return Plan(lingering + current.calls, sum(steps, Plan()).remaining)


def _delete_apps(apps: Sequence[App]) -> Plan:
    # A pending app cannot be deleted: it comes into service, or fails, within minutes.
    return Plan(
        tuple(_delete_app(app) for app in apps if app["Status"] == "InService"),
        tuple(f"app {app['AppName']} ({app['Status']})" for app in apps),
    )


def _delete_app(app: App) -> Call:
    # An app belongs to a space or to a user profile, never to both.
    space = app.get("SpaceName")
    owner = {"SpaceName": space} if space else {"UserProfileName": app["UserProfileName"]}
    key = {"DomainId": app["DomainId"], "AppType": app["AppType"], "AppName": app["AppName"]}
    return Call("sagemaker", "delete_app", {**key, **owner})


def _delete_spaces(domain_id: str, spaces: Sequence[Space]) -> Plan:
    return Plan(
        tuple(
            Call(
                "sagemaker",
                "delete_space",
                {"DomainId": domain_id, "SpaceName": space["SpaceName"]},
            )
            for space in spaces
            if space["Status"] != "Deleting"
        ),
        tuple(f"space {space['SpaceName']} ({space['Status']})" for space in spaces),
    )


def _delete_profiles(domain_id: str, profiles: Sequence[UserProfile]) -> Plan:
    return Plan(
        tuple(
            Call(
                "sagemaker",
                "delete_user_profile",
                {"DomainId": domain_id, "UserProfileName": profile["UserProfileName"]},
            )
            for profile in profiles
            if profile["Status"] != "Deleting"
        ),
        tuple(f"user profile {p['UserProfileName']} ({p['Status']})" for p in profiles),
    )


def look(domain_id: str) -> Contents:
    """Return what the domain holds now; nothing if the domain itself is gone."""
    if aws.describe("sagemaker", "describe_domain", DomainId=domain_id) is None:
        return Contents(domain_id, (), (), ())
    return Contents(
        domain_id,
        apps=aws.list_all("sagemaker", "list_apps", "Apps", DomainIdEquals=domain_id),
        spaces=aws.list_all("sagemaker", "list_spaces", "Spaces", DomainIdEquals=domain_id),
        profiles=aws.list_all(
            "sagemaker", "list_user_profiles", "UserProfiles", DomainIdEquals=domain_id
        ),
    )


def write_down(domain_id: str, parameter: str) -> None:
    """Record the domain's file system and NFS security groups in an SSM parameter, for Sweep.

    Of a domain that is gone there is nothing to record.
    """
    domain = aws.describe("sagemaker", "describe_domain", DomainId=domain_id)
    if domain is None:
        return
    group_names = [f"security-group-for-{way}-nfs-{domain_id}" for way in ("inbound", "outbound")]
    groups: list[SecurityGroup] = aws.list_all(
        "ec2",
        "describe_security_groups",
        "SecurityGroups",
        Filters=[
            {"Name": "vpc-id", "Values": [domain["VpcId"]]},
            {"Name": "group-name", "Values": group_names},
        ],
    )
    record = domain_records.DomainRecord(
        domain_id,
        domain.get("HomeEfsFileSystemId"),
        tuple(sorted(group["GroupId"] for group in groups)),
    )
    domain_records.write(parameter, (record,))


def on_event(event: Event[DrainDomainProperties], _context: object) -> Accepted:
    """Write the domain down, for every request; `is_complete` does the work of a Delete."""
    properties = event["ResourceProperties"]
    write_down(properties["DomainId"], properties["RecordParameter"])
    # One id for each domain: when an update replaces the domain, the old one is drained too.
    return accept(event, f"{properties['DomainId']}-{properties['Stage']}")


def is_complete(event: Event[DrainDomainProperties], _context: object) -> Progress:
    """On Delete, empty the domain further and report whether only what is kept is left."""
    return progress(event, _drain)


def _drain(properties: DrainDomainProperties) -> tuple[str, ...]:
    def next_plan() -> Plan:
        return plan(
            look(properties["DomainId"]),
            keep_spaces=properties.get("KeepSpaces", ()),
            keep_profiles=properties.get("KeepUserProfiles", ()),
        )

    return aws.settle(next_plan)
