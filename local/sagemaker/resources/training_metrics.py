"""The metrics that SageMaker reads from FM's log lines, with the expressions registered for FM."""

import re
import struct

from local.sagemaker.core.api import Description
from local.sagemaker.core.timing import now

HOST = r"#quality_metric: host=\S+, "
EPOCH = HOST + r"epoch=\S+, "
BATCH = HOST + r"epoch=\S+, batch=\S+ "
QUALITY = {
    "rmse": "rmse <loss>",
    "binary_classification_accuracy": "binary_classification_accuracy <score>",
    "binary_classification_cross_entropy": "binary_classification_cross_entropy <loss>",
    "binary_f_beta": "binary_f_1.000 <score>",
}
EXPRESSIONS = {
    "train:progress": r"#progress_metric: host=\S+, completed (\S+) %",
    "train:throughput": r"#throughput_metric: host=\S+, train throughput=(\S+) records/second",
} | {
    f"{channel}:{name}{suffix}": f"{prefix}{channel} {re.escape(line)}=(\\S+)"
    for name, line in QUALITY.items()
    for channel, suffix, prefix in (
        ("test", "", HOST),
        ("train", "", HOST),
        ("train", ":epoch", EPOCH),
        ("train", ":batch", BATCH),
    )
}
_COMPILED = {name: re.compile(expression) for name, expression in EXPRESSIONS.items()}


def definitions() -> list[dict[str, str]]:
    """Return the metric definitions that DescribeTrainingJob shows for FM."""
    return [{"Name": name, "Regex": expression} for name, expression in EXPRESSIONS.items()]


class Metrics:
    """The values of the metrics of one job, rounded to float32 as the service reports them.

    Attributes:
        values: every value, in the order of the log, with MetricName, Value and Timestamp.
    """

    def __init__(self) -> None:
        self.values: list[Description] = []

    def read(self, line: str) -> None:
        """Read the metrics of one log line."""
        if "_metric: host=" not in line:
            return
        for name, expression in _COMPILED.items():
            match = expression.search(line)
            if match:
                value = struct.unpack("f", struct.pack("f", float(match.group(1))))[0]
                self.values.append({"MetricName": name, "Value": value, "Timestamp": now()})

    def final(self) -> list[Description]:
        """Return the FinalMetricDataList of DescribeTrainingJob: the last value of each metric."""
        return list({value["MetricName"]: value for value in self.values}.values())
