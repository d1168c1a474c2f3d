"""Domains of which only leftovers in the VPC tell, such as one whose creation failed half-way.

SageMaker names its two security groups after the domain, and tags the file system with the
domain's ARN.
"""

import re
from collections.abc import Collection, Iterator

from cleanup import aws
from cleanup.descriptions import FileSystem, MountTarget, SecurityGroup
from cleanup.domain_records import DomainRecord
from contract.names import MANAGED_TAG

_GROUP_NAME = re.compile(r"security-group-for-(?:inbound|outbound)-nfs-(d-[a-z0-9]+)")
_DOMAIN_ARN = re.compile(r"arn:[^:]+:sagemaker:[^:]+:[0-9]+:domain/(d-[a-z0-9]+)")


def find(vpc_id: str) -> tuple[DomainRecord, ...]:
    """Return the domains that have a security group for NFS, or a file system mounted, in the VPC.

    Their records hold what was found; there may be several of one domain.
    """
    groups = tuple(_groups(vpc_id))
    return (*groups, *_file_systems(vpc_id, {record.domain_id for record in groups}))


def _groups(vpc_id: str) -> Iterator[DomainRecord]:
    in_vpc = [{"Name": "vpc-id", "Values": [vpc_id]}]
    groups: list[SecurityGroup] = aws.list_all(
        "ec2", "describe_security_groups", "SecurityGroups", Filters=in_vpc
    )
    for group in groups:
        named = _GROUP_NAME.fullmatch(group["GroupName"])
        if named:
            yield DomainRecord(named[1], None, (group["GroupId"],))


def _file_systems(vpc_id: str, known: Collection[str]) -> Iterator[DomainRecord]:
    systems: list[FileSystem] = aws.list_all("efs", "describe_file_systems", "FileSystems")
    for system in systems:
        managed_by = next((tag["Value"] for tag in system["Tags"] if tag["Key"] == MANAGED_TAG), "")
        domain = _DOMAIN_ARN.fullmatch(managed_by)
        if domain and (domain[1] in known or _is_mounted_in(vpc_id, system["FileSystemId"])):
            yield DomainRecord(domain[1], system["FileSystemId"], ())


def _is_mounted_in(vpc_id: str, file_system_id: str) -> bool:
    targets: list[MountTarget] = aws.list_all(
        "efs", "describe_mount_targets", "MountTargets", FileSystemId=file_system_id
    )
    return any(target["VpcId"] == vpc_id for target in targets)
