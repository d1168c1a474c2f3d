"""What regions lack is as cfn-lint's data say, and a region that lacks something is refused."""

import json
from importlib import resources
from typing import Any

import pytest
from aws_cdk import Aws

from contract.fm_images import ACCOUNTS
from stacks import region_offers
from stacks.region_offers import UnsupportedRegionError, check_region, endpoint_instance

SCHEMAS = resources.files("cfnlint") / "data" / "schemas"
HOSTING = SCHEMAS / "extensions" / "aws_sagemaker_hosting" / "instancetype_enum.json"


def hosting_instances() -> dict[str, list[str]]:
    """Return the instance types of endpoints in the regions that cfn-lint knows."""
    document: dict[str, Any] = json.loads(HOSTING.read_text())
    return {region: document[region]["enum"] for region in ACCOUNTS.keys() & document.keys()}


def test_regions_without_the_smallest_instance_are_those_of_cfn_lint() -> None:
    instances = hosting_instances()
    assert {
        region
        for region, types in instances.items()
        if region_offers.SMALLEST_ENDPOINT not in types
    } == region_offers.WITHOUT_SMALLEST


def test_every_region_has_the_instance_that_is_its_default() -> None:
    for region, types in hosting_instances().items():
        assert endpoint_instance(region) in types, region


@pytest.mark.parametrize("region", ["mx-central-1", "ap-southeast-5", "us-east-9"])
def test_a_region_without_the_image_is_refused_with_the_way_out(region: str) -> None:
    with pytest.raises(UnsupportedRegionError, match=rf"region {region}: .*AWS_REGION.*us-east-1"):
        check_region(region)


def test_a_region_without_a_resource_type_is_refused_by_its_name() -> None:
    with pytest.raises(UnsupportedRegionError, match=r"no AWS::Lambda::Url there") as refused:
        check_region("eu-central-2")
    assert "eu-central-1" in str(refused.value)
    assert "me-central-1" not in str(refused.value)


@pytest.mark.parametrize("region", ["us-east-1", "eu-north-1"])
def test_a_region_with_everything_passes(region: str) -> None:
    check_region(region)


def test_a_region_that_only_deployment_knows_passes() -> None:
    check_region(Aws.REGION)
