"""The layout of the bucket: the run that wrote an artifact follows from its URL."""

import pytest

from contract import s3_layout


def test_the_run_of_an_artifact_is_found() -> None:
    url = f"s3://a-bucket/{s3_layout.run_prefix('e-1')}{s3_layout.MODEL}job/output/model.tar.gz"
    assert s3_layout.run_of_artifact(url) == ("a-bucket", "e-1")


@pytest.mark.parametrize(
    "url",
    [
        "s3://a-bucket/runs/e-1/report/model.tar.gz",
        "s3://a-bucket/model.tar.gz",
        f"s3://a-bucket/runs/e-1/{s3_layout.BY_TIME}model/job/output/model.tar.gz",
        "https://a-bucket/runs/e-1/model/job/output/model.tar.gz",
        "s3://a-bucket/runs/e-1/model/job/output/model.tar",
    ],
)
def test_what_no_run_wrote_has_no_run(url: str) -> None:
    assert s3_layout.run_of_artifact(url) is None
