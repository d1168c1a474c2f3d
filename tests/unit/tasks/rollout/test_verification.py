"""What an endpoint must show."""

import numpy as np
import pytest

from tasks.rollout import verification
from tasks.run.aws_types import EndpointDescription
from tasks.run.errors import EndpointNotVerified

ENDPOINT: EndpointDescription = {
    "EndpointName": "fs",
    "EndpointStatus": "InService",
    "EndpointConfigName": "new",
}


def test_an_endpoint_in_service_on_the_stacks_config_passes() -> None:
    verification.check_endpoint(ENDPOINT, "new")


def test_an_endpoint_that_went_back_to_the_old_config_is_refused_with_its_reason() -> None:
    endpoint: EndpointDescription = {
        **ENDPOINT,
        "EndpointConfigName": "old",
        "FailureReason": "no ping",
    }
    with pytest.raises(EndpointNotVerified, match="config old, not in service on new: no ping"):
        verification.check_endpoint(endpoint, "new")


def test_an_endpoint_that_is_not_in_service_is_refused() -> None:
    with pytest.raises(EndpointNotVerified, match="is Failed"):
        verification.check_endpoint({**ENDPOINT, "EndpointStatus": "Failed"}, "new")


def test_scores_within_rounding_pass() -> None:
    expected = np.array([0.25, 0.75], np.float32)
    agreement = verification.check_scores(expected, expected + np.float32(5e-6))
    assert agreement["rows"] == 2


@pytest.mark.parametrize("wrong", [0.25 + 1e-4, float("nan")])
def test_another_models_scores_are_refused(wrong: float) -> None:
    expected = np.array([0.25, 0.75], np.float32)
    with pytest.raises(EndpointNotVerified, match="differ"):
        verification.check_scores(expected, np.array([wrong, 0.75], np.float32))


def test_a_score_too_few_is_refused() -> None:
    with pytest.raises(EndpointNotVerified, match="1 scores for 2 rows"):
        verification.check_scores(np.zeros(2, np.float32), np.zeros(1, np.float32))


def test_the_sample_has_no_row_twice_and_is_the_same_again() -> None:
    first = verification.sample(1000)
    assert len(set(first.tolist())) == verification.SAMPLE_ROWS
    assert (first == verification.sample(1000)).all()
    assert verification.sample(3).tolist() == [0, 1, 2]
