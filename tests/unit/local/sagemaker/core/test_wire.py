"""Requests are validated against botocore's model, and refused with the service's messages."""

import datetime
from typing import Any

import pytest

from local.sagemaker.core import wire
from local.sagemaker.core.errors import ServiceError

JOB = {
    "TrainingJobName": "job",
    "RoleArn": "arn:aws:iam::000000000000:role/execution",
    "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
    "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
    "StoppingCondition": {"MaxRuntimeInSeconds": 60},
}


@pytest.mark.parametrize("time", [1577836800, "2020-01-01T00:00:00Z", "2020-01-01T00:00:00"])
def test_timestamp_is_read_as_utc(time: object) -> None:
    read = wire.check("ListModels", {"CreationTimeAfter": time})
    assert read["CreationTimeAfter"] == datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


@pytest.mark.parametrize("time", [1e30, -1e30, "yesterday"])
def test_invalid_time_is_refused(time: object) -> None:
    with pytest.raises(ServiceError, match="is not a timestamp") as caught:
        wire.check("ListModels", {"CreationTimeAfter": time})
    assert caught.value.code == "SerializationException"


def test_unknown_members_of_a_valid_request_are_ignored() -> None:
    assert wire.check("CreateTrainingJob", {**JOB, "Unknown": 1}) == JOB


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"RoleArn": None},
            "1 validation error detected: Value null at 'roleArn' failed to satisfy constraint: "
            "Member must not be null",
        ),
        (
            {"TrainingJobName": "a_b"},
            "1 validation error detected: Value 'a_b' at 'trainingJobName' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: "
            "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}",
        ),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": 0}},
            "1 validation error detected: Value '0' at 'stoppingCondition.maxRuntimeInSeconds' "
            "failed to satisfy constraint: Member must have value greater than or equal to 1",
        ),
        (
            {"Tags": [{"Key": "", "Value": "x"}]},
            "1 validation error detected: Value '' at 'tags.1.member.key' failed to satisfy "
            "constraint: Member must have length greater than or equal to 1",
        ),
    ],
)
def test_violated_constraint_is_named_with_its_place(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ServiceError) as caught:
        wire.check("CreateTrainingJob", JOB | change)
    assert caught.value.code == "ValidationException"
    assert caught.value.message == message


def test_every_violation_is_reported_at_once() -> None:
    with pytest.raises(ServiceError, match=r"2 validation errors detected: .*; .*"):
        wire.check("CreateTrainingJob", JOB | {"TrainingJobName": "a_b", "RoleArn": None})


def test_wrong_json_type_is_a_serialization_error() -> None:
    with pytest.raises(ServiceError) as caught:
        wire.check("CreateTrainingJob", JOB | {"StoppingCondition": {"MaxRuntimeInSeconds": "1"}})
    assert caught.value.code == "SerializationException"


def test_every_pattern_of_every_request_can_be_matched() -> None:
    seen: set[str] = set()

    def walk(shape: Any) -> None:
        if shape.name in seen:
            return
        seen.add(shape.name)
        assert shape.type_name in wire.JSON_TYPES
        if shape.metadata.get("pattern"):
            wire._pattern(shape.metadata["pattern"])
        for inner in getattr(shape, "members", {}).values():
            walk(inner)
        for name in ("member", "key", "value"):
            if shape.type_name in ("list", "map") and hasattr(shape, name):
                walk(getattr(shape, name))

    for operation in wire.operations().values():
        if operation.input_shape:
            walk(operation.input_shape)
    assert len(seen) > 1000


def test_response_holds_what_the_model_names_and_times_as_seconds() -> None:
    time = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    response = {"ModelName": "m", "CreationTime": time, "_private": 1, "ModelArn": None}
    assert wire.render("DescribeModel", response) == {
        "ModelName": "m",
        "CreationTime": 1767225600.0,
    }
