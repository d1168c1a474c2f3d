"""The learning curve in a training job's log."""

from tasks.run import training_log

_PREFIX = "[05/19/2023 21:07:04 INFO 140276281280320] #quality_metric: host=algo-1, "


def test_epochs_come_with_their_metrics_by_the_evaluations_names() -> None:
    lines = [
        f"{_PREFIX}epoch=0, batch=0 train binary_classification_cross_entropy <loss>=0.7",
        f"{_PREFIX}epoch=0, train binary_classification_accuracy <score>=0.55",
        f"{_PREFIX}epoch=0, train binary_classification_cross_entropy <loss>=0.68",
        f"{_PREFIX}epoch=1, train binary_classification_cross_entropy <loss>=0.61",
        f"{_PREFIX}train binary_classification_cross_entropy <loss>=0.61",
        "#progress_metric: host=algo-1, completed 100.0 % of epochs",
    ]
    first, second = training_log.epochs(lines)
    assert (first.number, dict(first.metrics)) == (1, {"accuracy": 0.55, "log_loss": 0.68})
    assert (second.number, dict(second.metrics)) == (2, {"log_loss": 0.61})


def test_of_many_hosts_one_reports() -> None:
    lines = [
        f"{_PREFIX}epoch=0, train rmse <loss>=1.5",
        f"{_PREFIX.replace('algo-1', 'algo-2')}epoch=0, train rmse <loss>=9.5",
    ]
    (only,) = training_log.epochs(lines)
    assert only.metrics == {"rmse": 1.5}


def test_a_log_without_them_has_no_epochs() -> None:
    assert training_log.epochs(["Docker entrypoint called with argument(s): train"]) == []
