"""The learning curve in a training job's log lines.

The lines are those of SageMaker's Factorization Machines, such as
`#quality_metric: host=algo-1, epoch=3, train binary_classification_cross_entropy <loss>=0.51`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MARK = "#quality_metric"  # what CloudWatch filters the lines by
_EPOCH = re.compile(
    r"#quality_metric: host=(?P<host>\S+), epoch=(?P<epoch>\d+), train (?P<metric>\S+) "
    r"<(?:loss|score)>=(?P<value>\S+)"
)
# The container's name of a metric -> the evaluation's.
METRICS = {
    "binary_classification_cross_entropy": "log_loss",
    "binary_classification_accuracy": "accuracy",
    "binary_f_1.000": "f1",
    "rmse": "rmse",
    "absolute_loss": "mae",
}


@dataclass(frozen=True)
class Epoch:
    """The metrics of the training rows in one pass over them.

    Attributes:
        number: counted from 1.
        metrics: by the evaluation's names (`METRICS`); those of single batches are left out.
    """

    number: int
    metrics: Mapping[str, float]


def epochs(lines: Iterable[str]) -> list[Epoch]:
    """Return the epochs in a job's log, in order; of several hosts, the first that reports."""
    by_epoch: dict[int, dict[str, float]] = {}
    first_host: str | None = None
    for line in lines:
        match = _EPOCH.search(line)
        if match is None or match["metric"] not in METRICS:
            continue
        first_host = first_host or match["host"]
        if match["host"] == first_host:
            metric = METRICS[match["metric"]]
            by_epoch.setdefault(int(match["epoch"]) + 1, {})[metric] = float(match["value"])
    return [Epoch(number, by_epoch[number]) for number in sorted(by_epoch)]
