"""Metrics are read from the lines that FM logs, with the registered expressions."""

from local.sagemaker.resources.training_metrics import Metrics, definitions

LINES = """
[t INFO 1] #quality_metric: host=algo-1, epoch=0, batch=0 train binary_f_1.000 <score>=0.7654320987
[t INFO 1] #quality_metric: host=algo-1, epoch=0, train binary_f_1.000 <score>=0.5
[t INFO 1] #quality_metric: host=algo-1, epoch=1, train binary_f_1.000 <score>=0.75
[t INFO 1] #progress_metric: host=algo-1, completed 50.0 % of epochs
[t INFO 1] #throughput_metric: host=algo-1, train throughput=54648.5 records/second
[t INFO 1] #quality_metric: host=algo-1, train binary_f_1.000 <score>=0.7624136797106215
[t INFO 1] #progress_metric: host=algo-1, completed 100.0 % of epochs
[t INFO 1] #quality_metric: host=algo-1, test binary_f_1.000 <score>=0.25
"""


def read(lines: str) -> Metrics:
    """Return the metrics of a log."""
    metrics = Metrics()
    for line in lines.splitlines():
        metrics.read(line)
    return metrics


def values(lines: str) -> dict[str, float]:
    """Return the final metrics of a log."""
    return {metric["MetricName"]: metric["Value"] for metric in read(lines).final()}


def test_every_value_is_kept_in_the_order_of_the_log() -> None:
    name = "train:binary_f_beta:epoch"
    epochs = [each["Value"] for each in read(LINES).values if each["MetricName"] == name]
    assert epochs == [0.5, 0.75]


def test_last_value_of_each_metric_is_final() -> None:
    metrics = values(LINES)
    assert metrics["train:progress"] == 100.0
    assert metrics["train:throughput"] == 54648.5
    assert metrics["train:binary_f_beta:epoch"] == 0.75
    assert metrics["test:binary_f_beta"] == 0.25


def test_values_are_rounded_to_float32_as_the_service_reports_them() -> None:
    assert values(LINES)["train:binary_f_beta"] == 0.7624136805534363


def test_other_lines_hold_no_metric() -> None:
    assert values("train rmse <loss>=1.0\n#quality_metric: host=algo-1, test mse <loss>=2.0") == {}


def test_definitions_name_each_metric_once() -> None:
    names = [definition["Name"] for definition in definitions()]
    assert len(names) == len(set(names)) == 18
