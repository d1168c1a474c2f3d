"""Tells errors of AWS that pass by themselves from those that say something."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions
from botocore.exceptions import ClientError

from tasks.run.errors import ServiceUnavailable

# https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
_THROTTLED = {
    "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled",
    "RequestThrottledException", "TooManyRequestsException", "RequestLimitExceeded",
    "ProvisionedThroughputExceededException", "BandwidthLimitExceeded", "LimitExceededException",
    "SlowDown", "PriorRequestNotComplete", "TransactionInProgressException",
}  # fmt: skip
_SERVER_ERROR = 500
# The endpoint's container failed, or its model takes too long: that is said of the endpoint.
_OF_THE_ENDPOINT = {"ModelError", "ModelNotReadyException"}


@contextmanager
def unavailable_if_transient() -> Iterator[None]:
    """Turn an error that passes by itself, and outlasted boto3's retries, into one of its own name.

    Raises:
        ServiceUnavailable: a service throttles, fails, or cannot be reached; Step Functions
            retries.
    """
    try:
        yield
    except (exceptions.ConnectionError, exceptions.HTTPClientError) as error:
        raise ServiceUnavailable(str(error)) from error
    except ClientError as error:
        if _passes(error):
            raise ServiceUnavailable(str(error)) from error
        raise


def _passes(error: ClientError) -> bool:
    code = error.response["Error"]["Code"]
    if code in _OF_THE_ENDPOINT:
        return False
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return code in _THROTTLED or status >= _SERVER_ERROR
