"""Jobs laid out as /opt/ml, and small data, for the tests of the container."""

import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from data_prep import recordio
from fm import Model, artifact
from local.fm_container.__main__ import main
from local.fm_container.opt_ml import OptMl

D = 30
RECORDIO = {"ContentType": "application/x-recordio-protobuf", "TrainingInputMode": "File"}


def make_data(n: int = 203, d: int = D, binary: bool = True) -> tuple[Any, Any]:
    """Sparse rows (n, d) and labels (n,) with something to learn."""
    rng = np.random.default_rng(5)
    rows = sparse.random_array((n, d), density=0.2, rng=rng, dtype=np.float32).tocsr()
    rows.sort_indices()
    truth = rows @ rng.normal(size=d) + rng.normal(size=n) * 0.1
    labels = (truth > 0) if binary else truth
    return rows, labels.astype(np.float32)


def write_root(root: Path, train: bytes, test: bytes | None = None, **given: str) -> OptMl:
    """A job's folder with the channels' bytes and hyperparameters over small defaults."""
    hyperparameters = {
        "feature_dim": str(D),
        "num_factors": "4",
        "predictor_type": "binary_classifier",
        "mini_batch_size": "20",
        **given,
    }
    channels = {"train": train} if test is None else {"train": train, "test": test}
    config = root / "input" / "config"
    config.mkdir(parents=True)
    (config / "hyperparameters.json").write_text(json.dumps(hyperparameters))
    (config / "inputdataconfig.json").write_text(json.dumps(dict.fromkeys(channels, RECORDIO)))
    hosts = {"current_host": "algo-1", "hosts": ["algo-1"]}
    (config / "resourceconfig.json").write_text(json.dumps(hosts))
    for name, data in channels.items():
        folder = root / "input" / "data" / name
        folder.mkdir(parents=True)
        (folder / f"{name}.recordio").write_bytes(data)
    return OptMl(root)


def encoded(rows: Any, labels: Any) -> bytes:
    """The rows and labels as RecordIO."""
    file = io.BytesIO()
    recordio.write(file, rows, labels)
    return file.getvalue()


Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs a training job; returns its exit code and log."""

    def train(opt_ml: OptMl, seed: int = 1) -> tuple[int, str]:
        code = main(["train", "--root", os.fspath(opt_ml.root), "--seed", str(seed)])
        return code, capfd.readouterr().out

    return train


@pytest.fixture
def data() -> tuple[Any, Any]:
    return make_data()


def model_of(root: Path) -> Model:
    return artifact.read_model_file(root / "model" / "model_algo-1")


def failure(root: Path) -> str:
    return (root / "output" / "failure").read_text()
