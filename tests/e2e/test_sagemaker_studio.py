"""Studio in the local account: what a domain makes, what depends on it, and what it leaves."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.e2e.studio import await_gone, await_status


@pytest.fixture(scope="module")
def sagemaker(client: Callable[..., Any]) -> Any:
    """Return a client of the control plane, as the account's root."""
    return client("sagemaker")


@pytest.fixture(scope="module")
def network(client: Callable[..., Any]) -> tuple[str, list[str]]:
    """Make a VPC with two subnets."""
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.1.{number}.0/24", AvailabilityZone=f"us-east-1{zone}"
        )["Subnet"]["SubnetId"]
        for number, zone in enumerate("ab")
    ]
    return vpc, subnets


@pytest.fixture
def domain(
    sagemaker: Any, network: tuple[str, list[str]], execution_role: str, request: Any
) -> dict[str, Any]:
    """Create a domain, and return its description once it is in service."""
    vpc, subnets = network
    created = sagemaker.create_domain(
        DomainName=request.node.name[:60].replace("_", "-"),
        AuthMode="IAM",
        VpcId=vpc,
        SubnetIds=subnets,
        DefaultUserSettings={"ExecutionRole": execution_role},
    )
    domain_id = created["DomainArn"].rpartition("/")[2]
    return await_status(sagemaker.describe_domain, "InService", DomainId=domain_id)


def nfs_groups(client: Callable[..., Any], domain_id: str) -> list[str]:
    """Return the names of the security groups of a domain."""
    groups = client("ec2").describe_security_groups()["SecurityGroups"]
    return sorted(group["GroupName"] for group in groups if domain_id in group["GroupName"])


def test_domain_makes_a_file_system_and_two_groups_that_stay(
    client: Callable[..., Any], sagemaker: Any, domain: dict[str, Any]
) -> None:
    names = [
        f"security-group-for-{way}-nfs-{domain['DomainId']}" for way in ("inbound", "outbound")
    ]
    file_system = {"FileSystemId": domain["HomeEfsFileSystemId"]}
    targets = client("efs").describe_mount_targets(**file_system)["MountTargets"]
    assert {target["SubnetId"] for target in targets} == set(domain["SubnetIds"])
    assert nfs_groups(client, domain["DomainId"]) == names
    sagemaker.delete_domain(DomainId=domain["DomainId"])
    await_gone(sagemaker.describe_domain, DomainId=domain["DomainId"])
    assert client("efs").describe_file_systems(**file_system)["FileSystems"]
    assert nfs_groups(client, domain["DomainId"]) == names


def test_retention_policy_deletes_the_file_system_but_not_the_groups(
    client: Callable[..., Any], sagemaker: Any, domain: dict[str, Any]
) -> None:
    sagemaker.delete_domain(
        DomainId=domain["DomainId"], RetentionPolicy={"HomeEfsFileSystem": "Delete"}
    )
    await_gone(sagemaker.describe_domain, DomainId=domain["DomainId"])
    systems = client("efs").describe_file_systems()["FileSystems"]
    assert domain["HomeEfsFileSystemId"] not in {system["FileSystemId"] for system in systems}
    assert len(nfs_groups(client, domain["DomainId"])) == 2


def test_leftovers_keep_a_subnet_and_a_group_from_being_deleted(
    client: Callable[..., Any], sagemaker: Any, domain: dict[str, Any]
) -> None:
    ec2 = client("ec2")
    with pytest.raises(ClientError, match="DependencyViolation"):
        ec2.delete_subnet(SubnetId=domain["SubnetIds"][0])
    groups = [
        group["GroupId"]
        for group in ec2.describe_security_groups()["SecurityGroups"]
        if domain["DomainId"] in group["GroupName"]
    ]
    with pytest.raises(ClientError, match="DependencyViolation"):
        ec2.delete_security_group(GroupId=groups[0])


def test_domain_is_deleted_from_the_inside_out(sagemaker: Any, domain: dict[str, Any]) -> None:
    inside = {"DomainId": domain["DomainId"]}
    space, profile = {**inside, "SpaceName": "space"}, {**inside, "UserProfileName": "user"}
    app = {**space, "AppType": "JupyterLab", "AppName": "default"}
    sagemaker.create_user_profile(**profile)
    await_status(sagemaker.describe_user_profile, "InService", **profile)
    sagemaker.create_space(
        **space,
        OwnershipSettings={"OwnerUserProfileName": "user"},
        SpaceSharingSettings={"SharingType": "Private"},
        SpaceSettings={"AppType": "JupyterLab"},
    )
    await_status(sagemaker.describe_space, "InService", **space)
    sagemaker.create_app(**app)
    await_status(sagemaker.describe_app, "InService", **app)
    for delete, names, user in (
        (sagemaker.delete_domain, inside, "App"),
        (sagemaker.delete_space, space, "App"),
        (sagemaker.delete_user_profile, profile, "Space"),
    ):
        with pytest.raises(sagemaker.exceptions.ResourceInUse, match=rf"because {user}\(s\)"):
            delete(**names)
    sagemaker.delete_app(**app)
    await_status(sagemaker.describe_app, "Deleted", **app)
    for delete, describe, names in (
        (sagemaker.delete_space, sagemaker.describe_space, space),
        (sagemaker.delete_user_profile, sagemaker.describe_user_profile, profile),
        (sagemaker.delete_domain, sagemaker.describe_domain, inside),
    ):
        delete(**names)
        await_gone(describe, **names)


def test_presigned_url_is_for_a_profile_of_the_domain(
    sagemaker: Any, domain: dict[str, Any]
) -> None:
    profile = {"DomainId": domain["DomainId"], "UserProfileName": "guest"}
    with pytest.raises(sagemaker.exceptions.ResourceNotFound):
        sagemaker.create_presigned_domain_url(**profile)
    sagemaker.create_user_profile(**profile)
    url = sagemaker.create_presigned_domain_url(**profile)["AuthorizedUrl"]
    assert url.startswith(f"https://{domain['DomainId']}.studio.us-east-1.sagemaker.aws/auth?")


def test_lifecycle_config_in_use_cannot_be_deleted(sagemaker: Any, domain: dict[str, Any]) -> None:
    name = {"StudioLifecycleConfigName": "setup"}
    arn = sagemaker.create_studio_lifecycle_config(
        **name,
        StudioLifecycleConfigContent="ZWNobyBoZWxsbw==",
        StudioLifecycleConfigAppType="JupyterLab",
    )["StudioLifecycleConfigArn"]
    profile = {"DomainId": domain["DomainId"], "UserProfileName": "user"}
    settings = {"JupyterLabAppSettings": {"LifecycleConfigArns": [arn]}}
    sagemaker.create_user_profile(**profile, UserSettings=settings)
    with pytest.raises(sagemaker.exceptions.ResourceInUse):
        sagemaker.delete_studio_lifecycle_config(**name)
    sagemaker.delete_user_profile(**profile)
    await_gone(sagemaker.describe_user_profile, **profile)
    sagemaker.delete_studio_lifecycle_config(**name)


def test_app_keeps_its_lifecycle_config_and_must_suit_its_space(
    sagemaker: Any, domain: dict[str, Any]
) -> None:
    name = {"StudioLifecycleConfigName": "start"}
    arn = sagemaker.create_studio_lifecycle_config(
        **name,
        StudioLifecycleConfigContent="ZWNobyBoZWxsbw==",
        StudioLifecycleConfigAppType="JupyterLab",
    )["StudioLifecycleConfigArn"]
    owner = {"DomainId": domain["DomainId"], "UserProfileName": "owner"}
    sagemaker.create_user_profile(**owner)
    space = {"DomainId": domain["DomainId"], "SpaceName": "own"}
    sagemaker.create_space(
        **space,
        OwnershipSettings={"OwnerUserProfileName": "owner"},
        SpaceSharingSettings={"SharingType": "Private"},
        SpaceSettings={"AppType": "JupyterLab"},
    )
    await_status(sagemaker.describe_space, "InService", **space)
    app = {**space, "AppType": "JupyterLab", "AppName": "default"}
    for wrong, message in (
        ({"AppType": "CodeEditor"}, "is for apps of type JupyterLab"),
        ({"ResourceSpec": {"LifecycleConfigArn": f"{arn}-not"}}, "does not exist"),
        ({"UserProfileName": "owner"}, "either UserProfileName or SpaceName"),
    ):
        with pytest.raises(ClientError, match=message):
            sagemaker.create_app(**(app | wrong))
    spec = {"LifecycleConfigArn": arn, "InstanceType": "ml.t3.medium"}
    sagemaker.create_app(**app, ResourceSpec=spec)
    with pytest.raises(sagemaker.exceptions.ResourceInUse):
        sagemaker.delete_studio_lifecycle_config(**name)
    sagemaker.delete_app(**app)
    await_status(sagemaker.describe_app, "Deleted", **app)
    sagemaker.delete_studio_lifecycle_config(**name)


def test_presigned_url_is_for_domains_that_authenticate_by_iam(
    sagemaker: Any, network: tuple[str, list[str]], execution_role: str
) -> None:
    vpc, subnets = network
    arn = sagemaker.create_domain(
        DomainName="by-sso",
        AuthMode="SSO",
        VpcId=vpc,
        SubnetIds=subnets,
        DefaultUserSettings={"ExecutionRole": execution_role},
    )["DomainArn"]
    inside = {"DomainId": arn.rpartition("/")[2]}
    await_status(sagemaker.describe_domain, "InService", **inside)
    with pytest.raises(ClientError, match="does not authenticate by IAM"):
        sagemaker.create_presigned_domain_url(**inside, UserProfileName="anyone")
