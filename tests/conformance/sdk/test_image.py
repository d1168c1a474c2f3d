"""The image of every region is where the SageMaker Python SDK 2 says: run by `make test-sdk`."""

import pytest

from contract.fm_images import ACCOUNTS, REPOSITORY

image_uris = pytest.importorskip("sagemaker.image_uris", reason="run `make test-sdk`")


@pytest.mark.parametrize("region", sorted(ACCOUNTS))
def test_the_sdk_names_the_same_account(region: str) -> None:
    uri = image_uris.retrieve(REPOSITORY, region)
    assert uri.startswith(f"{ACCOUNTS[region]}.dkr.ecr.{region}.")
    assert uri.endswith(f"/{REPOSITORY}:1")


def test_the_sdk_knows_no_other_region() -> None:
    with pytest.raises(ValueError, match="Unsupported region"):
        image_uris.retrieve(REPOSITORY, "mx-central-1")
