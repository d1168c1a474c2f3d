"""Writes a container's lines to CloudWatch Logs, with the rights of the execution role."""

import logging
import threading
import time
from typing import Any, TypedDict

from botocore.exceptions import BotoCoreError, ClientError

from local.ministack.adapter import Credentials
from local.sagemaker.core import clients

FLUSH_SECONDS = 0.25
MAX_EVENTS = 1000
log = logging.getLogger("sagemaker")


class LogEvent(TypedDict):
    """A line as PutLogEvents takes it; the timestamp is in milliseconds."""

    timestamp: int
    message: str


class LogStream:
    """Collects lines and writes them in batches; lines that the role may not write are lost.

    Args:
        group: name of the log group, made with the first line if it does not exist.
        stream: name of the log stream, likewise.
        region: the region to write to.
        credentials: of the execution role.
    """

    def __init__(self, group: str, stream: str, region: str, credentials: Credentials) -> None:
        self.group = group
        self.stream = stream
        self._region = region
        self._credentials = credentials
        self._events: list[LogEvent] = []
        self._lock = threading.Lock()
        self._last_flush = 0.0
        self._usable: bool | None = None  # not known before the first batch

    def write(self, line: str) -> None:
        """Add one line; it is written soon, and by `flush` at the latest."""
        if not line:
            return
        with self._lock:
            self._events.append({"timestamp": int(time.time() * 1000), "message": line})
            due = time.monotonic() - self._last_flush > FLUSH_SECONDS
        if due:
            self.flush()

    def flush(self) -> None:
        """Write the lines that are collected."""
        with self._lock:
            events, self._events = self._events, []
            self._last_flush = time.monotonic()
            if not events or self._usable is False:
                return
            try:
                self._put(events)
            except (ClientError, BotoCoreError) as error:
                self._usable = False
                log.warning("no logs in %s/%s: %s", self.group, self.stream, error)

    def _put(self, events: list[LogEvent]) -> None:
        logs = clients.client("logs", self._region, self._credentials)
        if self._usable is None:
            self._create(logs)
            self._usable = True
        for start in range(0, len(events), MAX_EVENTS):
            logs.put_log_events(
                logGroupName=self.group,
                logStreamName=self.stream,
                logEvents=events[start : start + MAX_EVENTS],
            )

    def _create(self, logs: Any) -> None:
        """Make group and stream with `logs`, a boto3 client, unless they exist."""
        group = {"logGroupName": self.group}
        for create, arguments in (
            (logs.create_log_group, group),
            (logs.create_log_stream, group | {"logStreamName": self.stream}),
        ):
            try:
                create(**arguments)
            except logs.exceptions.ResourceAlreadyExistsException:
                continue
