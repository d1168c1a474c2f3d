"""What a Studio domain makes in the account's EFS and EC2, and mostly leaves behind.

A domain creates a file system, a mount target in each subnet, and two security groups for NFS
that refer to each other. DeleteDomain removes none of them but, if requested, the file system.
"""

from typing import Any

from botocore.exceptions import ClientError

from local.sagemaker.core import clients
from local.sagemaker.core.api import Structure
from local.sagemaker.core.errors import invalid
from local.sagemaker.core.region import Region
from local.sagemaker.resources.studio import Domain

MANAGED_BY = "ManagedByAmazonSageMakerResource"
NFS_PORT = 2049


def check_network(region: Region, vpc: str, subnets: list[str]) -> None:
    """Check that subnets belong to a VPC.

    Raises:
        ServiceError: ValidationException.
    """
    ec2 = clients.client("ec2", region.name)
    try:
        described = ec2.describe_subnets(SubnetIds=subnets)["Subnets"]
    except ClientError as error:
        raise invalid(error.response["Error"]["Message"]) from None
    foreign = sorted(subnet["SubnetId"] for subnet in described if subnet["VpcId"] != vpc)
    if foreign:
        raise invalid(f"Subnets {', '.join(foreign)} do not belong to VPC {vpc}.")


def create(domain: Domain) -> str:
    """Make the file system of a domain, its mount targets and the security groups.

    Returns:
        The id of the file system.
    """
    region, description = domain.region.name, domain.description
    efs = clients.client("efs", region)
    tags = [{"Key": MANAGED_BY, "Value": description["DomainArn"]}]
    inbound = _create_security_groups(region, description, tags)
    file_system = efs.create_file_system(
        CreationToken=description["DomainId"], Encrypted=True, Tags=tags
    )["FileSystemId"]
    for subnet in _one_per_zone(region, description["SubnetIds"]):
        efs.create_mount_target(FileSystemId=file_system, SubnetId=subnet, SecurityGroups=[inbound])
    return str(file_system)


def delete_file_system(region: Region, file_system: str) -> None:
    """Delete a file system and its mount targets, if it exists; the security groups stay."""
    efs = clients.client("efs", region.name)
    try:
        for target in efs.describe_mount_targets(FileSystemId=file_system)["MountTargets"]:
            efs.delete_mount_target(MountTargetId=target["MountTargetId"])
        efs.delete_file_system(FileSystemId=file_system)
    except efs.exceptions.FileSystemNotFound:
        return


def _create_security_groups(region: str, domain: Structure, tags: list[dict[str, str]]) -> str:
    """Make the two security groups, and return the id of that of the mount targets."""
    ec2 = clients.client("ec2", region)
    ids = {}
    for direction in ("inbound", "outbound"):
        ids[direction] = ec2.create_security_group(
            GroupName=f"security-group-for-{direction}-nfs-{domain['DomainId']}",
            Description=f"[DO NOT DELETE] Security Group that allows {direction} NFS traffic for "
            f"SageMaker Studio domain [{domain['DomainId']}]",
            VpcId=domain["VpcId"],
            TagSpecifications=[{"ResourceType": "security-group", "Tags": tags}],
        )["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=ids["inbound"], IpPermissions=[_nfs_with(ids["outbound"])]
    )
    ec2.authorize_security_group_egress(
        GroupId=ids["outbound"], IpPermissions=[_nfs_with(ids["inbound"])]
    )
    return str(ids["inbound"])


def _nfs_with(group: str) -> dict[str, Any]:
    """Return an IpPermission of EC2's API."""
    return {
        "IpProtocol": "tcp",
        "FromPort": NFS_PORT,
        "ToPort": NFS_PORT,
        "UserIdGroupPairs": [{"GroupId": group}],
    }


def _one_per_zone(region: str, subnets: list[str]) -> list[str]:
    """Return a subnet of each zone, in which a file system has at most one mount target."""
    described = clients.client("ec2", region).describe_subnets(SubnetIds=subnets)["Subnets"]
    return list({subnet["AvailabilityZone"]: subnet["SubnetId"] for subnet in described}.values())
