"""Reads take all pages; what is gone or held is no error; any other refusal is."""

import math
import time
from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from cleanup import aws
from cleanup.deletion_plan import Call, Plan

DELETE_SPACE = Call("sagemaker", "delete_space", {"DomainId": "d-abc", "SpaceName": "lab"})


def test_all_pages_are_read(stub: Callable[[str], Stubber]) -> None:
    sagemaker = stub("sagemaker")
    sagemaker.add_response(
        "list_spaces",
        {"Spaces": [{"SpaceName": "a"}], "NextToken": "more"},
        {"DomainIdEquals": "d-abc"},
    )
    sagemaker.add_response(
        "list_spaces",
        {"Spaces": [{"SpaceName": "b"}]},
        {"DomainIdEquals": "d-abc", "NextToken": "more"},
    )
    spaces = aws.list_all("sagemaker", "list_spaces", "Spaces", DomainIdEquals="d-abc")
    assert [space["SpaceName"] for space in spaces] == ["a", "b"]


@pytest.mark.parametrize("code", ["ResourceNotFound", "ResourceInUse"])
def test_what_is_gone_or_held_does_not_fail_a_call(
    stub: Callable[[str], Stubber], code: str
) -> None:
    stub("sagemaker").add_client_error("delete_space", code)
    aws.perform([DELETE_SPACE], until=math.inf)


def test_a_call_that_is_refused_otherwise_fails(stub: Callable[[str], Stubber]) -> None:
    stub("sagemaker").add_client_error("delete_space", "AccessDeniedException")
    with pytest.raises(ClientError, match="AccessDenied"):
        aws.perform([DELETE_SPACE], until=math.inf)


@pytest.mark.parametrize(
    ("message", "gone"),
    [
        ("App has already been deleted", True),
        ("The request was rejected because the training job is in status Completed.", True),
        ("Stack with id x does not exist", True),
        ("1 validation error detected: Value at 'appType' failed", False),
    ],
)
def test_a_general_code_means_gone_only_by_its_message(message: str, *, gone: bool) -> None:
    error = ClientError({"Error": {"Code": "ValidationException", "Message": message}}, "Any")
    assert aws.is_gone(error) is gone


def test_a_reading_that_is_denied_fails(stub: Callable[[str], Stubber]) -> None:
    stub("sagemaker").add_client_error("describe_domain", "AccessDeniedException")
    with pytest.raises(ClientError):
        aws.describe("sagemaker", "describe_domain", DomainId="d-abc")


def test_settling_acts_until_looking_leads_to_nothing_new(stub: Callable[[str], Stubber]) -> None:
    stub("sagemaker").add_response("delete_space", {}, DELETE_SPACE.parameters)
    looks = iter([Plan((DELETE_SPACE,), ("space lab",)), Plan()])
    assert aws.settle(lambda: next(looks)) == ()


def test_settling_does_not_repeat_a_call_that_changed_nothing(
    stub: Callable[[str], Stubber],
) -> None:
    stub("sagemaker").add_client_error("delete_space", "ResourceInUse")
    held = Plan((DELETE_SPACE,), ("space lab",))
    assert aws.settle(lambda: held) == ("space lab",)


def test_settling_ends_in_time_and_says_what_is_left(
    stub: Callable[[str], Stubber], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each call takes 50 seconds, and there are always more of them.
    clock = iter(range(0, 10_000, 50))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    stub("sagemaker").add_response("delete_space", {}, DELETE_SPACE.parameters)
    calls = (DELETE_SPACE, *(Call("sagemaker", "delete_space", {}) for _ in range(1000)))
    assert aws.settle(lambda: Plan(calls, ("1001 spaces",))) == ("1001 spaces",)
