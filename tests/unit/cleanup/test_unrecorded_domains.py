"""What a domain has left in the VPC is found by the names and the tag that SageMaker gives it."""

import datetime as dt
from collections.abc import Callable

import pytest
from botocore.stub import Stubber

from cleanup import unrecorded_domains
from cleanup.domain_records import DomainRecord
from contract.names import MANAGED_TAG

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
DOMAIN = "d-abcdefghijkl"
SYSTEM = "fs-0123456789abcdef0"


def _answer_groups(stub: Callable[[str], Stubber], *names: str) -> None:
    groups = [{"GroupId": f"sg-{number}", "GroupName": name} for number, name in enumerate(names)]
    stub("ec2").add_response(
        "describe_security_groups",
        {"SecurityGroups": groups},
        {"Filters": [{"Name": "vpc-id", "Values": ["vpc-ours"]}]},
    )


def _answer_file_system(stub: Callable[[str], Stubber], tags: dict[str, str]) -> None:
    system = {
        "FileSystemId": SYSTEM,
        "LifeCycleState": "available",
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
        "OwnerId": "111122223333",
        "CreationToken": "any",
        "CreationTime": NOW,
        "NumberOfMountTargets": 1,
        "SizeInBytes": {"Value": 0},
        "PerformanceMode": "generalPurpose",
    }
    stub("efs").add_response("describe_file_systems", {"FileSystems": [system]}, {})


def _answer_mount_target(stub: Callable[[str], Stubber], vpc: str) -> None:
    target = {
        "MountTargetId": "fsmt-0123456789abcdef0",
        "FileSystemId": SYSTEM,
        "SubnetId": "subnet-0123456789abcdef0",
        "LifeCycleState": "available",
        "VpcId": vpc,
    }
    stub("efs").add_response(
        "describe_mount_targets", {"MountTargets": [target]}, {"FileSystemId": SYSTEM}
    )


def _of(domain: str) -> dict[str, str]:
    return {MANAGED_TAG: f"arn:aws:sagemaker:eu-west-1:111122223333:domain/{domain}"}


def test_a_domain_is_found_by_its_groups(stub: Callable[[str], Stubber]) -> None:
    inbound, outbound = (
        f"security-group-for-{way}-nfs-{DOMAIN}" for way in ("inbound", "outbound")
    )
    _answer_groups(stub, "default", inbound, outbound, f"my-{inbound}", f"{inbound}-too")
    stub("efs").add_response("describe_file_systems", {"FileSystems": []}, {})
    assert unrecorded_domains.find("vpc-ours") == (
        DomainRecord(DOMAIN, None, ("sg-1",)),
        DomainRecord(DOMAIN, None, ("sg-2",)),
    )


def test_a_domain_is_found_by_its_file_system_in_the_vpc(stub: Callable[[str], Stubber]) -> None:
    _answer_groups(stub, "default")
    _answer_file_system(stub, _of(DOMAIN))
    _answer_mount_target(stub, "vpc-ours")
    assert unrecorded_domains.find("vpc-ours") == (DomainRecord(DOMAIN, SYSTEM, ()),)


def test_a_file_system_that_is_mounted_nowhere_is_found_by_the_domains_groups(
    stub: Callable[[str], Stubber],
) -> None:
    _answer_groups(stub, f"security-group-for-inbound-nfs-{DOMAIN}")
    _answer_file_system(stub, _of(DOMAIN))
    assert DomainRecord(DOMAIN, SYSTEM, ()) in unrecorded_domains.find("vpc-ours")


def test_a_file_system_in_another_vpc_is_not_found(stub: Callable[[str], Stubber]) -> None:
    _answer_groups(stub)
    _answer_file_system(stub, _of(DOMAIN))
    _answer_mount_target(stub, "vpc-of-others")
    assert unrecorded_domains.find("vpc-ours") == ()


@pytest.mark.parametrize("tags", [{}, {"Name": "mine"}, {MANAGED_TAG: "by hand"}])
def test_a_file_system_without_sagemakers_tag_is_not_found(
    stub: Callable[[str], Stubber], tags: dict[str, str]
) -> None:
    _answer_groups(stub)
    _answer_file_system(stub, tags)
    assert unrecorded_domains.find("vpc-ours") == ()
