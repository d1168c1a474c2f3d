"""What a Studio domain makes in the account's own EFS and EC2, and mostly leaves behind.

A domain creates a file system, a mount target in each subnet, and two security groups for NFS
that refer to each other. DeleteDomain removes none of them but, when asked to, the file system.
"""

from typing import Any

from botocore.exceptions import ClientError

from local.sagemaker.core import clients
from local.sagemaker.core.errors import invalid
from local.sagemaker.core.region import Record, Region

MANAGED_BY = "ManagedByAmazonSageMakerResource"
NFS_PORT = 2049


def check_network(region: Region, vpc: str, subnets: list[str]) -> None:
    """Raise ValidationException unless the subnets are of the VPC."""
    ec2 = clients.client("ec2", region.name)
    try:
        found = ec2.describe_subnets(SubnetIds=subnets)["Subnets"]
    except ClientError as error:
        raise invalid(error.response["Error"]["Message"]) from None
    foreign = sorted(subnet["SubnetId"] for subnet in found if subnet["VpcId"] != vpc)
    if foreign:
        raise invalid(f"Subnets {', '.join(foreign)} do not belong to VPC {vpc}.")


def create(region: Region, domain: Record) -> str:
    """Make the file system, its mount targets and the security groups; gives the file system."""
    efs = clients.client("efs", region.name)
    tags = [{"Key": MANAGED_BY, "Value": domain["DomainArn"]}]
    inbound = _security_groups(region, domain, tags)
    file_system = efs.create_file_system(
        CreationToken=domain["DomainId"], Encrypted=True, Tags=tags
    )["FileSystemId"]
    for subnet in _one_per_zone(region, domain["SubnetIds"]):
        efs.create_mount_target(FileSystemId=file_system, SubnetId=subnet, SecurityGroups=[inbound])
    return str(file_system)


def delete_file_system(region: Region, file_system: str) -> None:
    """Remove the file system and its mount targets; the security groups stay."""
    efs = clients.client("efs", region.name)
    try:
        for target in efs.describe_mount_targets(FileSystemId=file_system)["MountTargets"]:
            efs.delete_mount_target(MountTargetId=target["MountTargetId"])
        efs.delete_file_system(FileSystemId=file_system)
    except efs.exceptions.FileSystemNotFound:
        return


def _security_groups(region: Region, domain: Record, tags: list[Any]) -> str:
    ec2 = clients.client("ec2", region.name)
    made = {}
    for direction in ("inbound", "outbound"):
        made[direction] = ec2.create_security_group(
            GroupName=f"security-group-for-{direction}-nfs-{domain['DomainId']}",
            Description=f"[DO NOT DELETE] Security Group that allows {direction} NFS traffic for "
            f"SageMaker Studio domain [{domain['DomainId']}]",
            VpcId=domain["VpcId"],
            TagSpecifications=[{"ResourceType": "security-group", "Tags": tags}],
        )["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=made["inbound"], IpPermissions=[_nfs_with(made["outbound"])]
    )
    ec2.authorize_security_group_egress(
        GroupId=made["outbound"], IpPermissions=[_nfs_with(made["inbound"])]
    )
    return str(made["inbound"])


def _nfs_with(group: str) -> dict[str, Any]:
    return {
        "IpProtocol": "tcp",
        "FromPort": NFS_PORT,
        "ToPort": NFS_PORT,
        "UserIdGroupPairs": [{"GroupId": group}],
    }


def _one_per_zone(region: Region, subnets: list[str]) -> list[str]:
    """A file system has one mount target in an availability zone at most."""
    found = clients.client("ec2", region.name).describe_subnets(SubnetIds=subnets)["Subnets"]
    return list({subnet["AvailabilityZone"]: subnet["SubnetId"] for subnet in found}.values())
