"""The container's log on stdout, line by line in the formats of real jobs.

The documented metric definitions of SageMaker find their values in these lines.
"""

import json
import sys
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from local.fm_container.progress import RunningMetrics

_ALGORITHM = "factorization-machines"


class Log:
    """The log of one host."""

    def __init__(self, host: str) -> None:
        self.host = host

    def plain(self, text: str) -> None:
        """Write a line without a prefix."""
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    def line(self, text: str, level: str = "INFO") -> None:
        """Write a line as Python's logging does in the container."""
        stamp = datetime.now(UTC).strftime("%m/%d/%Y %H:%M:%S")
        self.plain(f"[{stamp} {level} {threading.get_ident()}] {text}")

    def tensorio(self, level: str, text: str) -> None:
        """Write a line as the container's data reader does."""
        stamp = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
        self.plain(f"[{stamp}] [tensorio] [{level}] {text}")

    def epoch_stats(self, path: str, epoch: int, seconds: float, batches: int, size: int) -> None:
        """Write what the data reader did.

        Args:
            path: The channel.
            epoch: Number of the reader's pass over the channel.
            seconds: How long it took.
            batches: How many it read; the container calls them examples.
            size: How many bytes it read.
        """
        stats = {
            "data_pipeline": path,
            "epoch": epoch,
            "duration": int(seconds * 1000),
            "num_examples": batches,
            "num_bytes": size,
        }
        self.tensorio("info", f"epoch_stats={json.dumps(stats)}")

    def metrics(self, start: float, values: Mapping[str, float], **dimensions: str | int) -> None:
        """Write a `#metrics` line.

        Args:
            start: When the measured part began, as `time.time()` gave it.
            values: Name -> count, or time in milliseconds.
            dimensions: What the values are of, beside algorithm, host and operation.
        """
        entry = {
            "StartTime": start,
            "EndTime": time.time(),
            "Dimensions": {
                "Algorithm": _ALGORITHM,
                "Host": self.host,
                "Operation": "training",
                **dimensions,
            },
            "Metrics": {
                name: {"sum": float(value), "count": 1, "min": value, "max": value}
                for name, value in values.items()
            },
        }
        self.plain(f"#metrics {json.dumps(entry)}")

    def quality(self, where: str, running: RunningMetrics) -> None:
        """Write the `#quality_metric` lines of the metrics."""
        for name, kind, value in running.values():
            self.line(f"#quality_metric: host={self.host}, {where} {name} <{kind}>={value!r}")

    def test_scores(self, running: RunningMetrics) -> None:
        """Write the lines of the test channel."""
        for name, _, value in running.values():
            self.line(f"#test_score ({self.host}) : {(name, value)!r}")
        self.quality("test", running)
