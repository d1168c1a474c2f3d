"""The deployment's lock: one execution at a time, and none for ever."""

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tasks.rollout import lock
from tasks.rollout.lock import DeploymentLock
from tasks.run.errors import DeploymentInProgress


class Bucket:
    """S3's conditional writes of one object."""

    def __init__(self) -> None:
        self.body: bytes | None = None
        self.version = 0
        self.before_write: Any = None

    def get_object(self, **_: Any) -> dict[str, Any]:
        if self.body is None:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        return {"Body": io.BytesIO(self.body), "ETag": str(self.version)}

    def put_object(self, Body: bytes, **condition: Any) -> None:  # noqa: N803
        if self.before_write:
            before, self.before_write = self.before_write, None
            before()
        free = self.body is None if "IfNoneMatch" in condition else None
        if not (free or condition.get("IfMatch") == str(self.version)):
            raise ClientError({"Error": {"Code": "PreconditionFailed"}}, "PutObject")
        self.body, self.version = Body, self.version + 1

    @property
    def holder(self) -> str:
        assert self.body is not None
        return str(json.loads(self.body)["holder"])


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Bucket:
    bucket = Bucket()
    monkeypatch.setattr(lock, "_s3", lambda: bucket)
    monkeypatch.setattr(lock, "_is_running", lambda arn: arn.startswith("running"))
    return bucket


def _lock(execution_arn: str) -> DeploymentLock:
    return DeploymentLock("bucket", execution_arn)


def test_the_first_execution_gets_it(bucket: Bucket) -> None:
    _lock("running-1").acquire()
    assert bucket.holder == "running-1"


def test_a_second_one_is_told_who_has_it(bucket: Bucket) -> None:
    _lock("running-1").acquire()
    with pytest.raises(DeploymentInProgress, match="running-1 is deploying"):
        _lock("running-2").acquire()


def test_the_holder_may_ask_again(bucket: Bucket) -> None:
    _lock("running-1").acquire()
    _lock("running-1").acquire()


def test_it_is_free_once_given_back(bucket: Bucket) -> None:
    _lock("running-1").acquire()
    _lock("running-1").release()
    _lock("running-2").acquire()
    assert bucket.holder == "running-2"


def test_an_execution_that_has_ended_holds_nothing(bucket: Bucket) -> None:
    _lock("ended-1").acquire()
    _lock("running-2").acquire()
    assert bucket.holder == "running-2"


def test_what_was_live_before_is_known_to_a_second_attempt(bucket: Bucket) -> None:
    _lock("running-1").acquire()
    assert _lock("running-1").previous("old") == "old"
    _lock("running-1").acquire()
    assert _lock("running-1").previous("new") == "old"


def test_what_was_live_before_is_forgotten_with_its_holder(bucket: Bucket) -> None:
    _lock("ended-1").acquire()
    _lock("ended-1").previous("old")
    _lock("running-2").acquire()
    assert _lock("running-2").previous("new") == "new"


def test_what_was_live_is_not_noted_over_anothers_lock(bucket: Bucket) -> None:
    _lock("ended-1").acquire()
    bucket.before_write = lambda: _lock("running-2").acquire()
    with pytest.raises(DeploymentInProgress):
        _lock("ended-1").previous("old")
    assert bucket.holder == "running-2"


def test_what_another_holder_noted_is_not_ones_own(bucket: Bucket) -> None:
    _lock("running-2").acquire()
    _lock("running-2").previous("old")
    with pytest.raises(DeploymentInProgress):
        _lock("ended-1").previous("older")


def test_nobody_gives_back_anothers(bucket: Bucket) -> None:
    _lock("running-1").acquire()
    _lock("running-2").release()
    assert bucket.holder == "running-1"


@pytest.mark.parametrize("earlier", [None, "ended-1"])
def test_of_two_at_the_same_moment_one_gets_it(bucket: Bucket, earlier: str | None) -> None:
    if earlier:
        _lock(earlier).acquire()
    bucket.before_write = lambda: _lock("running-1").acquire()
    with pytest.raises(DeploymentInProgress):
        _lock("running-2").acquire()
    assert bucket.holder == "running-1"
