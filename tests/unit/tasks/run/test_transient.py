"""Errors that pass by themselves have a name of their own, by which Step Functions retries."""

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from tasks.run.errors import ServiceUnavailable
from tasks.run.transient import unavailable_if_transient


def _error(code: str, status: int) -> ClientError:
    return ClientError(
        {
            "Error": {"Code": code, "Message": "why"},
            "ResponseMetadata": {
                "HTTPStatusCode": status,
                "RequestId": "r",
                "HostId": "h",
                "HTTPHeaders": {},
                "RetryAttempts": 4,
            },
        },
        "DescribeEndpoint",
    )


@pytest.mark.parametrize(
    "error",
    [
        _error("ThrottlingException", 400),
        _error("SlowDown", 503),
        _error("InternalFailure", 500),
        EndpointConnectionError(endpoint_url="https://sagemaker"),
    ],
)
def test_a_service_that_cannot_answer_is_unavailable(error: Exception) -> None:
    with (
        pytest.raises(ServiceUnavailable) as raised,
        unavailable_if_transient(),
    ):
        raise error
    assert str(error) in str(raised.value)


@pytest.mark.parametrize(
    "error",
    [
        _error("AccessDeniedException", 400),
        _error("ValidationException", 400),
        _error("ModelError", 424),
        _error("ModelError", 500),
        ValueError("of ours"),
    ],
)
def test_an_error_that_says_something_stays_what_it_is(error: Exception) -> None:
    with pytest.raises(type(error)) as raised, unavailable_if_transient():
        raise error
    assert raised.value is error
