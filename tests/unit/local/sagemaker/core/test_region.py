"""ARNs name the partition of their region, and resources are found whatever the case."""

import pytest

from local.sagemaker.core.region import Region
from local.sagemaker.resources.models import Model


@pytest.mark.parametrize(
    ("name", "partition"),
    [
        ("us-east-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("us-isof-south-1", "aws-iso-f"),
    ],
)
def test_arn_names_the_partition_of_the_region(name: str, partition: str) -> None:
    arn = Region("000000000000", name).arn("model", "Mine")
    assert arn == f"arn:{partition}:sagemaker:{name}:000000000000:model/mine"


def test_names_differ_by_more_than_case() -> None:
    region = Region("000000000000", "us-east-1")
    model = Model(region, {"ModelName": "Mine"})
    region.add(model)
    assert region.get(Model, "mINE") is model
    region.remove(model)
    assert region.all(Model) == []
