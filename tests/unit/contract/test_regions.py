"""Partitions and domains as botocore has them."""

import botocore.session
import pytest

from contract.fm_images import ACCOUNTS
from contract.regions import partition

PARTITIONS = botocore.session.get_session().get_data("endpoints")["partitions"]


@pytest.mark.parametrize("expected", PARTITIONS, ids=lambda entry: str(entry["partition"]))
def test_every_partition_of_botocore_is_known(expected: dict[str, object]) -> None:
    regions = expected["regions"]
    assert isinstance(regions, dict)
    for region in regions:
        assert partition(region) == (expected["partition"], expected["dnsSuffix"])


def test_every_region_with_the_image_has_a_partition_of_botocore() -> None:
    known = {entry["partition"] for entry in PARTITIONS}
    assert {partition(region).name for region in ACCOUNTS} <= known
    assert partition("us-isof-south-1").name == "aws-iso-f"
