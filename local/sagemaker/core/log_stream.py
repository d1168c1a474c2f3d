"""A container's lines on their way into CloudWatch Logs, with the execution role's rights."""

import logging
import threading
import time
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local.ministack.adapter import Credentials
from local.sagemaker.core import clients

FLUSH_SECONDS = 0.25
MAX_EVENTS = 1000
log = logging.getLogger("sagemaker")


class LogStream:
    """Collects lines and writes them in batches; a role that may not write them loses them."""

    def __init__(self, group: str, stream: str, region: str, credentials: Credentials) -> None:
        self.group = group
        self.stream = stream
        self._region = region
        self._credentials = credentials
        self._events: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        self._last_flush = 0.0
        self._usable: bool | None = None

    def write(self, line: str) -> None:
        """Add one line; written soon, and at the latest by `flush`."""
        if not line:
            return
        with self._lock:
            self._events.append({"timestamp": int(time.time() * 1000), "message": line})
            due = time.monotonic() - self._last_flush > FLUSH_SECONDS
        if due:
            self.flush()

    def flush(self) -> None:
        """Write what is collected."""
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

    def _put(self, events: list[dict[str, Any]]) -> None:
        logs = clients.client("logs", self._region, self._credentials)
        where = {"logGroupName": self.group, "logStreamName": self.stream}
        if self._usable is None:
            for create, arguments in (
                (logs.create_log_group, {"logGroupName": self.group}),
                (logs.create_log_stream, where),
            ):
                try:
                    create(**arguments)
                except logs.exceptions.ResourceAlreadyExistsException:
                    continue
            self._usable = True
        for start in range(0, len(events), MAX_EVENTS):
            logs.put_log_events(**where, logEvents=events[start : start + MAX_EVENTS])
