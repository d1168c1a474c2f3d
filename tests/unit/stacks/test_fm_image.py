"""The image table: every region that SageMaker offers FM in, and a clear no for all others."""

import pytest
from aws_cdk import Aws

from contract.fm_images import ACCOUNTS
from stacks.fm_image import UnsupportedRegionError, check_region


def test_the_table_has_all_regions_and_twelve_digit_accounts() -> None:
    assert len(ACCOUNTS) == 37
    assert all(len(account) == 12 and account.isdigit() for account in ACCOUNTS.values())
    assert len(set(ACCOUNTS.values())) == 37


@pytest.mark.parametrize("region", ["mx-central-1", "ap-southeast-5", "us-east-9"])
def test_a_region_without_the_image_is_refused_with_the_way_out(region: str) -> None:
    with pytest.raises(UnsupportedRegionError, match=rf"region {region}: .*AWS_REGION.*us-east-1"):
        check_region(region)


@pytest.mark.parametrize("region", ["us-east-1", "cn-north-1"])
def test_a_region_with_the_image_passes(region: str) -> None:
    check_region(region)


def test_a_region_that_only_deployment_knows_passes() -> None:
    check_region(Aws.REGION)
