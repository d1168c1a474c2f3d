"""SageMaker's state in one account and region: the resources, their tags, their names."""

import datetime
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from contract.regions import partition
from local.ministack.adapter import Caller
from local.sagemaker.core import settings

Record = dict[str, Any]
SERVING_POLL_SECONDS = 0.05
KINDS = (
    "training-job",
    "transform-job",
    "model",
    "endpoint-config",
    "endpoint",
    "domain",
    "user-profile",
    "space",
    "app",
    "studio-lifecycle-config",
)


class Region:
    """The resources of one account and region; hold `lock` around every look and change."""

    def __init__(self, account: str, name: str) -> None:
        self.account = account
        self.name = name
        self.lock = threading.RLock()
        self.tables: dict[str, dict[str, Record]] = {kind: {} for kind in KINDS}
        self.tags: dict[str, dict[str, str]] = {}

    def arn(self, kind: str, *path: str) -> str:
        """The ARN of a resource; SageMaker writes names in ARNs in lower case."""
        name = "/".join(path).lower()
        return f"arn:{partition(self.name).name}:sagemaker:{self.name}:{self.account}:{kind}/{name}"

    def get(self, kind: str, *path: str) -> Record | None:
        """A resource by its name (names differ by more than case), or None."""
        return self.tables[kind].get(_key(path))

    def put(self, kind: str, path: Iterable[str], record: Record) -> None:
        """Add a resource under its name."""
        self.tables[kind][_key(path)] = record

    def drop(self, kind: str, *path: str) -> None:
        """Remove a resource and its tags."""
        self.tables[kind].pop(_key(path), None)
        self.tags.pop(self.arn(kind, *path), None)

    def all(self, kind: str) -> list[Record]:
        """Every resource of a kind, oldest first."""
        return list(self.tables[kind].values())

    def caller(self, access_key: str) -> Caller:
        """A caller in this account and region."""
        return Caller(access_key, self.account, self.name)


def now() -> datetime.datetime:
    """The time as SageMaker gives it: UTC, in milliseconds."""
    time = datetime.datetime.now(datetime.UTC)
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def new_id(length: int = 12) -> str:
    """A random identifier of lower-case letters and digits."""
    return "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(length))


def later(work: Callable[[], None], delay: float | None = None) -> None:
    """Run `work` on a thread of its own after `delay` seconds (by default a state's)."""
    wait = settings.state_delay() if delay is None else delay
    timer = threading.Timer(wait, work)
    timer.daemon = True
    timer.start()


def once_serving(work: Callable[[], None]) -> None:
    """Run `work` on a thread of its own as soon as the account takes requests."""

    def wait_and_work() -> None:
        while not settings.is_serving():
            time.sleep(SERVING_POLL_SECONDS)
        work()

    threading.Thread(target=wait_and_work, daemon=True).start()


def _key(path: Iterable[str]) -> str:
    return "/".join(path).lower()
