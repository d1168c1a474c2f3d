"""The container's contract when it trains: exit codes, the log, the model."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fm.metrics import accuracy
from fm.scoring import raw_scores
from tests.unit.local.fm_container.conftest import (
    Run,
    encoded,
    failure,
    make_data,
    model_of,
    write_root,
)

FAST: Any = {"linear_lr": "0.05", "factors_lr": "0.01", "epochs": "4"}


def test_a_job_learns_and_leaves_its_model(run: Run, tmp_path: Path, data: Any) -> None:
    code, _ = run(write_root(tmp_path, encoded(*data), **FAST))
    rows, labels = data
    assert code == 0
    assert accuracy(labels, (raw_scores(model_of(tmp_path), rows) >= 0).astype(float)) > 0.9
    assert not (tmp_path / "output" / "failure").exists()


def test_the_same_seed_gives_the_same_model_and_another_another(
    run: Run, tmp_path: Path, data: Any
) -> None:
    found = []
    for number, seed in enumerate((1, 1, 2)):
        run(write_root(tmp_path / str(number), encoded(*data)), seed)
        found.append(model_of(tmp_path / str(number)).factors)
    assert np.array_equal(found[0], found[1])
    assert not np.array_equal(found[0], found[2])


def test_the_documented_regexes_find_their_metrics(run: Run, tmp_path: Path, data: Any) -> None:
    _, log = run(write_root(tmp_path, encoded(*data), encoded(*data), epochs="2"))
    for metric, times in {
        r"#quality_metric: host=\S+, test binary_classification_accuracy <score>=(\S+)": 1,
        r"#quality_metric: host=\S+, test binary_classification_cross_entropy <loss>=(\S+)": 1,
        r"#quality_metric: host=\S+, test binary_f_1.000 <score>=(\S+)": 1,
        r"#quality_metric: host=\S+, train binary_f_1.000 <score>=(\S+)": 1,
        r"#quality_metric: host=\S+, epoch=\S+, train binary_f_1.000 <score>=(\S+)": 2,
        r"#quality_metric: host=\S+, epoch=\S+, batch=\S+ train binary_f_1.000 <score>=(\S+)": 2,
        r"#progress_metric: host=\S+, completed (\S+) %": 2,
        r"#throughput_metric: host=\S+, train throughput=(\S+) records/second": 2,
    }.items():
        values = re.findall(metric, log)
        assert len(values) == times, metric
        assert all(np.isfinite(float(value)) for value in values)


ORDER = (
    "Docker entrypoint called",
    "Running default environment",
    "Reading default configuration",
    "Merging with provided configuration",
    "Final configuration",
    "Loggers have already been setup",
    "Process 1 is a worker",
    "Using default worker",
    "Checkpoint loading and saving are disabled",
    "TensorIO is already initialized",
    'epoch_stats={"data_pipeline": "/opt/ml/input/data/train", "epoch": 0,',
    "Number of GPUs being used: 0",
    "[Sparse network] Building a sparse network.",
    "Create Store: local",
    '"initialize.time"',
    '"Meta": "init_train_data_iter"',
    "epoch=0, batch=0 train rmse <loss>=",
    "epoch=0, batch=0 train mse <loss>=",
    "epoch=0, batch=0 train absolute_loss <loss>=",
    'epoch_stats={"data_pipeline": "/opt/ml/input/data/train", "epoch": 2,',
    "epoch=0, train rmse <loss>=",
    '"update.time"',
    "host=algo-1, train rmse <loss>=",
    "#progress_metric: host=algo-1, completed 100.0 % of epochs",
    '"Meta": "training_data_iter"',
    "#throughput_metric",
    "Pulling entire model from kvstore to finalize",
    '"finalize.time"',
    "Saved checkpoint to",
    '"/opt/ml/input/data/test", "epoch": 0,',
    '"/opt/ml/input/data/test", "epoch": 1,',
    '"Meta": "test_data_iter"',
    "#test_score (algo-1) : ('rmse', ",
    "#quality_metric: host=algo-1, test rmse <loss>=",
    '"totaltime"',
)


def test_the_log_has_the_real_one_s_order(run: Run, tmp_path: Path) -> None:
    data = encoded(*make_data(binary=False))
    _, log = run(write_root(tmp_path, data, data, predictor_type="regressor"))
    at = 0
    for expected in ORDER:
        found = log.find(expected, at)
        assert found >= 0, expected
        at = found + len(expected)


def test_batch_lines_come_at_the_publish_interval(run: Run, tmp_path: Path, data: Any) -> None:
    _, log = run(write_root(tmp_path, encoded(*data), batch_metrics_publish_interval="4"))
    found = re.findall(r"epoch=0, batch=(\d+) train binary_f", log)
    assert found == ["0", "4", "8"]


def test_pads_count_in_train_metrics_and_not_in_test_metrics(
    run: Run, tmp_path: Path, data: Any
) -> None:
    """203 rows are 11 batches of 20: 220 rows, of which the test metrics see 203."""
    frozen = {f"{group}_lr": "0" for group in ("bias", "linear", "factors")}
    rows, labels = data
    _, log = run(write_root(tmp_path, encoded(*data), encoded(*data), **frozen))
    model = model_of(tmp_path)
    right = int(np.sum((raw_scores(model, rows) >= 0) == (labels == 1)))
    pads = 17 * (model.bias < 0)
    train = re.search(r"epoch=0, train binary_classification_accuracy <score>=(\S+)", log)
    test = re.search(r"test binary_classification_accuracy <score>=(\S+)", log)
    assert train is not None
    assert test is not None
    assert float(train[1]) == (right + pads) / 220
    assert float(test[1]) == right / 203


def test_metrics_lines_are_json(run: Run, tmp_path: Path, data: Any) -> None:
    _, log = run(write_root(tmp_path, encoded(*data)))
    lines = [line for line in log.splitlines() if line.startswith("#metrics ")]
    entries = [json.loads(line.removeprefix("#metrics ")) for line in lines]
    assert all(e["Dimensions"]["Algorithm"] == "factorization-machines" for e in entries)
    seen = [e for e in entries if e["Dimensions"].get("Meta") == "training_data_iter"]
    assert seen[0]["Metrics"]["Total Records Seen"]["sum"] == 223
    assert seen[0]["Metrics"]["Total Batches Seen"]["sum"] == 12


def test_dense_records_build_the_dense_network(run: Run, tmp_path: Path, data: Any) -> None:
    rows, labels = data
    _, log = run(write_root(tmp_path, encoded(rows.todense(), labels)))
    assert "[Dense network] Building a dense network." in log


def test_without_numba_the_numbers_are_the_same(
    run: Run, tmp_path: Path, data: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(write_root(tmp_path / "numba", encoded(*data), **FAST))
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    run(write_root(tmp_path / "numpy", encoded(*data), **FAST))
    one, other = model_of(tmp_path / "numba"), model_of(tmp_path / "numpy")
    assert np.abs(one.factors - other.factors).max() < 1e-5
    assert np.abs(one.linear - other.linear).max() < 1e-5


def test_several_hosts_are_emulated_as_one(run: Run, tmp_path: Path, data: Any) -> None:
    opt_ml = write_root(tmp_path, encoded(*data))
    hosts = {"current_host": "algo-1", "hosts": ["algo-1", "algo-2"]}
    (tmp_path / "input" / "config" / "resourceconfig.json").write_text(json.dumps(hosts))
    _, log = run(opt_ml)
    assert "The 2 hosts of this job are emulated as one, algo-1." in log


def test_a_wrong_hyperparameter_is_the_customer_s_error(
    run: Run, tmp_path: Path, data: Any
) -> None:
    code, log = run(write_root(tmp_path, encoded(*data), epoch="3"))
    assert code == 2
    assert failure(tmp_path) == (
        "Customer Error: Additional hyperparameters are not allowed ('epoch' was unexpected) "
        "(caused by ValidationError)"
    )
    assert "Final configuration" in log


def test_a_bug_is_the_algorithm_s_error(
    run: Run, tmp_path: Path, data: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr("local.fm_container.job.choose", fail)
    code, _ = run(write_root(tmp_path, encoded(*data)))
    assert code == 1
    assert failure(tmp_path) == (
        "Algorithm Error: An unexpected error has occurred. Please try again. If the problem "
        "persists, contact AWS support. (caused by ZeroDivisionError)\n\nCaused by: of all things"
    )
