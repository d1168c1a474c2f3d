"""Tags: which keys are allowed, and how many."""

import pytest

from local.ministack.adapter import Caller
from local.sagemaker.core import tagging
from local.sagemaker.core.errors import ServiceError
from local.sagemaker.core.operation import Call
from local.sagemaker.core.region import Region
from local.sagemaker.resources.models import Model


def pairs(*keys: str) -> list[dict[str, str]]:
    """Return tags with these keys."""
    return [{"Key": key, "Value": "x"} for key in keys]


@pytest.mark.parametrize("request_", [{"Tags": pairs("AWS:mine")}, {"TagKeys": ["aws:theirs"]}])
def test_keys_of_aws_can_be_neither_set_nor_removed(request_: dict[str, object]) -> None:
    with pytest.raises(ServiceError, match="aws: prefixed tag key names are not allowed"):
        tagging.refuse_reserved(request_)


def test_duplicate_key_is_refused() -> None:
    with pytest.raises(ServiceError, match="Duplicate"):
        tagging.merged({"Tags": pairs("a", "a")}, {})


def test_keys_of_aws_do_not_count_towards_the_limit() -> None:
    full = {f"k{number}": "x" for number in range(49)} | {"aws:cloudformation:stack-name": "s"}
    assert len(tagging.merged({"Tags": pairs("one")}, full)) == 51
    with pytest.raises(ServiceError, match="more than 50") as caught:
        tagging.merged({"Tags": pairs("one", "two")}, full)
    assert caught.value.code == "ResourceLimitExceeded"


def test_refused_tags_leave_the_resource_as_it_was() -> None:
    region = Region("000000000000", "us-east-1")
    region.add(Model(region, {"ModelName": "m"}))
    arn = region.arn("model", "m")
    region.tags[arn] = {"kept": "x"}
    many = {"ResourceArn": arn, "Tags": pairs(*map(str, range(50)))}
    with pytest.raises(ServiceError):
        tagging.OPERATIONS["AddTags"].run(Call(region, Caller("test", "", ""), many))
    assert region.tags[arn] == {"kept": "x"}
