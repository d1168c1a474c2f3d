"""Which artifact is live is noted in the deployment's bucket."""

import io

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.response import StreamingBody
from botocore.stub import Stubber

from contract import s3_layout
from tasks.rollout import live_artifact

OBJECT = {"Bucket": "b", "Key": s3_layout.LIVE}


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Stubber:
    client = boto3.client("s3", region_name="us-east-1")
    monkeypatch.setattr(live_artifact, "_s3", lambda: client)
    return Stubber(client)


def test_what_is_written_is_read(s3: Stubber) -> None:
    body = b'{"model_data_url": "s3://b/runs/r/model/j/output/model.tar.gz"}'
    s3.add_response("put_object", {}, {**OBJECT, "Body": body})
    s3.add_response("get_object", {"Body": StreamingBody(io.BytesIO(body), len(body))}, OBJECT)
    with s3:
        live_artifact.write("b", "s3://b/runs/r/model/j/output/model.tar.gz")
        assert live_artifact.read("b") == "s3://b/runs/r/model/j/output/model.tar.gz"


def test_before_the_first_roll_out_nothing_is_live(s3: Stubber) -> None:
    s3.add_client_error("get_object", "NoSuchKey")
    with s3:
        assert live_artifact.read("b") == ""


def test_a_bucket_that_cannot_be_read_is_an_error(s3: Stubber) -> None:
    s3.add_client_error("get_object", "AccessDenied")
    with s3, pytest.raises(ClientError):
        live_artifact.read("b")
