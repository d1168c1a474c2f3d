"""Which artifact an execution deploys."""

import pytest

from tasks.rollout import artifact_to_deploy
from tasks.run.errors import InvalidInputError
from tasks.run.payloads import DeployModelEvent

TRAINED, EARLIER = (f"s3://bucket/runs/{run}/model/j/output/model.tar.gz" for run in "te")


def _event(document: object) -> DeployModelEvent:
    return {
        "execution": "t",
        "execution_arn": "arn",
        "started": "2026-01-01T12:00:00Z",
        "input": document,
        "trained": {"job_name": "j", "model_data_url": TRAINED},
    }


def test_it_is_the_one_that_the_execution_trained() -> None:
    assert artifact_to_deploy.choose(_event({}), "bucket") == TRAINED


def test_one_that_the_input_names_comes_first() -> None:
    event = _event({"model_data_url": EARLIER})
    del event["trained"]
    assert artifact_to_deploy.choose(event, "bucket") == EARLIER


def test_one_of_another_bucket_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="not in this deployment's bucket"):
        artifact_to_deploy.choose(_event({"model_data_url": EARLIER}), "other")


@pytest.mark.parametrize(
    ("live", "verified", "way_back"),
    [
        ("one", "one", "one"),
        ("unverified", "one", "one"),
        ("one", "", "one"),
        ("", "one", ""),
        ("", "", ""),
    ],
)
def test_the_way_back_leads_to_what_was_verified(live: str, verified: str, way_back: str) -> None:
    assert artifact_to_deploy.way_back(live, verified) == way_back
