"""The data plane reports errors of a container as the service does."""

import json

from local.sagemaker import runtime
from local.sagemaker.core.region import Region


def test_log_of_a_model_error_is_in_the_partition_of_the_region() -> None:
    region = Region("000000000000", "us-isof-south-1")
    status, _, body = runtime._model_error(region, "live", 400, b"no features")
    error = json.loads(body)
    assert (status, error["OriginalStatusCode"]) == (424, 400)
    assert error["LogStreamArn"] == (
        "arn:aws-iso-f:logs:us-isof-south-1:000000000000:log-group:/aws/sagemaker/Endpoints/live"
    )
