"""The clean-up calls only what the boto3 in its layer knows; an old one lacks one operation."""

import importlib.metadata
from pathlib import Path

import botocore
import pytest

from stacks import assets
from tests.unit.cleanup import operations
from tests.unit.cleanup.operations import Operations

INSTALLED = Path(botocore.__file__).parent / "data"


@pytest.fixture(scope="module")
def called() -> Operations:
    """What the clean-up calls, and operations of the same names of other services."""
    named = operations.named_in(operations.SOURCE)
    known = operations.of_botocore(INSTALLED, named)
    return frozenset((service, name) for service, name in known if name in named)


@pytest.fixture(scope="module")
def layer() -> Path:
    return assets.cleanup_layer() / "python"


def test_what_the_clean_up_calls_is_found_in_its_source(called: Operations) -> None:
    assert called > {
        ("sagemaker", "delete_training_job"),
        ("ec2", "revoke_security_group_egress"),
        ("efs", "describe_mount_targets"),
        ("ssm", "put_parameter"),
    }


def test_the_layer_holds_the_models_of_the_services_that_are_called(called: Operations) -> None:
    assert {service for service, _ in called} == set(assets.CLEANUP_SERVICES)


def test_the_layers_boto3_knows_every_operation(called: Operations, layer: Path) -> None:
    assert called <= operations.of_botocore(layer / "botocore" / "data", assets.CLEANUP_SERVICES)


def test_the_layers_boto3_is_the_one_that_is_tested_here(layer: Path) -> None:
    (found,) = importlib.metadata.distributions(name="boto3", path=[str(layer)])
    assert found.version == importlib.metadata.version("boto3")


def test_of_an_old_runtimes_boto3_only_what_is_left_out_when_unknown_is_called(
    called: Operations,
) -> None:
    unknown = called - operations.of_botocore_1_40_4()
    assert unknown == {("sagemaker", "delete_training_job")}
