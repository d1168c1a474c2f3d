"""Corrects how ministack 1.5.33 handles networks and file systems, where it differs from AWS."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs

from local.ministack.adapter import ConditionKeys, Headers, Reply, wrap_service

Rule = Mapping[str, Any]  # an IpPermission of EC2's API

NEEDED = {
    "ministack.core.iam_actions": "extract_resource_arn",
    "ministack.core.iam_evaluator": "enforce",
    "ministack.services.tagging": "_RESOURCE_TAG_COLLECTORS _collect_efs",
    "ministack.services.ec2": (
        "_security_groups _tags _error _resource_matches_tag_filters _rules_match"
    ),
    "ministack.services.efs": "_mount_targets",
    "ministack.services.cloudformation.provisioners": "_RESOURCE_HANDLERS",
}
# Type in CloudFormation -> EC2's operation, the parameter that names the resource, EC2's noun.
GUARDED = {
    "AWS::EC2::Subnet": ("DeleteSubnet", "SubnetId", "subnet"),
    "AWS::EC2::SecurityGroup": ("DeleteSecurityGroup", "GroupId", "resource"),
}


def apply() -> None:
    """Make the corrections; call it before ministack serves."""
    _protect_used_networks()
    _filter_groups_by_id()
    _revoke_described_rules()
    _authorise_on_file_systems()
    _add_condition_keys()


def _protect_used_networks() -> None:
    """Refuse to delete subnets and security groups that mount targets or rules refer to."""
    from ministack.services.cloudformation import provisioners

    for kind, (_, _, noun) in GUARDED.items():
        handler = provisioners._RESOURCE_HANDLERS[kind]
        handler["delete"] = _refusing(handler["delete"], noun)
    wrap_service("ec2", _refuse_deletion)


def _refusing(delete: Callable[..., None], noun: str) -> Callable[..., None]:
    def delete_unused(physical_id: str, props: Mapping[str, Any]) -> None:
        if any(_users(physical_id)):
            raise ValueError(_violation(noun, physical_id))
        delete(physical_id, props)

    return delete_unused


def _refuse_deletion(_headers: Headers, body: bytes) -> Reply | None:
    form = parse_qs(body.decode(errors="replace"))
    action = form.get("Action", [""])[0]
    for operation, member, noun in GUARDED.values():
        resource = form.get(member, [""])[0]
        if action == operation and any(_users(resource)):
            from ministack.services import ec2

            reply: Reply = ec2._error("DependencyViolation", _violation(noun, resource), 400)
            return reply
    return None


def _users(resource: str) -> Iterator[str]:
    """Return the mount targets in a subnet or with a group, and the groups with rules for it."""
    from ministack.services import ec2, efs

    for name, target in efs._mount_targets.items():
        if resource == target["SubnetId"] or resource in target["SecurityGroups"]:
            yield name
    for name, group in ec2._security_groups.items():
        rules = group.get("IpPermissions", []) + group.get("IpPermissionsEgress", [])
        pairs = [pair for rule in rules for pair in rule.get("UserIdGroupPairs", [])]
        if name != resource and resource in {pair.get("GroupId") for pair in pairs}:
            yield name


def _violation(noun: str, resource: str) -> str:
    if noun == "resource":
        return f"resource {resource} has a dependent object"
    return f"The {noun} '{resource}' has dependencies and cannot be deleted."


def _filter_groups_by_id() -> None:
    """Let DescribeSecurityGroups apply the filter group-id, which ministack ignores."""
    from ministack.services import ec2

    matches = ec2._resource_matches_tag_filters

    def matches_id(resource: str, filters: Mapping[str, list[str]]) -> bool:
        ids = filters.get("group-id")
        if ids and resource.startswith("sg-") and resource not in ids:
            return False
        return bool(matches(resource, filters))

    ec2._resource_matches_tag_filters = matches_id


def _revoke_described_rules() -> None:
    """Let a rule be revoked as DescribeSecurityGroups shows it, with its owner's account."""
    from ministack.services import ec2

    match = ec2._rules_match

    def without_accounts(rule: Rule) -> Rule:
        pairs = [{"GroupId": pair.get("GroupId")} for pair in rule.get("UserIdGroupPairs", [])]
        members = {name: value for name, value in rule.items() if name != "SecurityGroupRuleId"}
        return members | {"UserIdGroupPairs": pairs}

    ec2._rules_match = lambda left, right: match(without_accounts(left), without_accounts(right))


def _authorise_on_file_systems() -> None:
    """Authorise EFS's reads, and what concerns mount targets, on the file system."""
    from ministack.core import iam_actions

    extract = iam_actions.extract_resource_arn

    def extract_file_system(service: str, *request: Any) -> str:
        if service != "elasticfilesystem":
            return str(extract(service, *request))
        _method, path, _headers, _body, query, region, account = request
        name = _file_system(path.strip("/").split("/"), query)
        return f"arn:aws:elasticfilesystem:{region}:{account}:file-system/{name}"

    iam_actions.extract_resource_arn = extract_file_system


def _file_system(path: list[str], query: Mapping[str, Any]) -> str:
    from ministack.services import efs

    if "file-systems" in path[:-1]:
        return path[path.index("file-systems") + 1]
    target = path[-1] if "mount-targets" in path[:-1] else (query.get("MountTargetId") or [""])[0]
    if target in efs._mount_targets:
        return str(efs._mount_targets[target]["FileSystemId"])
    return str((query.get("FileSystemId") or ["*"])[0])


def _add_condition_keys() -> None:
    """Let policies use the tags of file systems and security groups, and the VPC of a group."""
    from ministack.core import iam_evaluator
    from ministack.services import ec2, tagging

    tagging._RESOURCE_TAG_COLLECTORS["elasticfilesystem"] = tagging._collect_efs
    enforce = iam_evaluator.enforce

    def enforce_in_network(
        access_key: str,
        action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: ConditionKeys | None = None,
    ) -> Any:
        context = dict(service_context or {})
        network, _, name = resource_arn.partition(":security-group/")
        group = ec2._security_groups.get(name)
        if group:
            context["ec2:Vpc"] = f"{network}:vpc/{group['VpcId']}"
            for tag in ec2._tags.get(name) or []:
                context[f"aws:ResourceTag/{tag['Key']}"] = tag["Value"]
        return enforce(access_key, action, service, region, resource_arn, context)

    iam_evaluator.enforce = enforce_in_network
