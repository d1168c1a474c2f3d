"""The account accepts the image of FM in each region, and refuses every other."""

import pytest

from contract.fm_images import ACCOUNTS
from local.sagemaker.core import images
from local.sagemaker.core.errors import ServiceError


@pytest.mark.parametrize(
    ("region", "domain"),
    [
        ("us-east-1", "amazonaws.com"),
        ("cn-north-1", "amazonaws.com.cn"),
        ("us-isob-east-1", "sc2s.sgov.gov"),
        ("us-isof-south-1", "csp.hci.ic.gov"),
    ],
)
def test_image_of_the_region_is_accepted(region: str, domain: str) -> None:
    registry = ACCOUNTS[region]
    images.check(f"{registry}.dkr.ecr.{region}.{domain}/factorization-machines:1", region)


@pytest.mark.parametrize(
    "image",
    [
        "382416733822.dkr.ecr.us-east-1.amazonaws.com/factorization-machines:2",
        "382416733822.dkr.ecr.us-east-1.amazonaws.com/kmeans:1",
        "174872318107.dkr.ecr.us-west-2.amazonaws.com/factorization-machines:1",
    ],
)
def test_other_image_is_not_found(image: str) -> None:
    with pytest.raises(ServiceError, match=f"Requested image {image} not found."):
        images.check(image, "us-east-1")
