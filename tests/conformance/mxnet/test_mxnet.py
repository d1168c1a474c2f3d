"""Training equals MXNet's own module, and MXNet loads our artifact: `make test-mxnet`."""

import io
import os
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from fm import Model, artifact, scoring
from local.fm_container import hyperparameters
from local.fm_container.engine.batches import batched
from local.fm_container.engine.numba_engine import NumbaEngine
from local.fm_container.engine.numpy_engine import NumpyEngine
from local.fm_container.engine.state import VALUE, State

ROOT = Path(__file__).parents[3]
PYTHON = Path(os.environ.get("MXNET_PYTHON", ROOT / "build" / "mxnet-env" / "bin" / "python"))
pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="MXNet is missing: make test-mxnet")
D, K, SIZE, UPDATES = 60, 6, 20, 50


def mxnet(command: str, folder: Path, **inputs: Any) -> Any:
    """Run `mxnet_program.py` and return its arrays by name."""
    np.savez(folder / "inputs.npz", **inputs)
    program = Path(__file__).with_name("mxnet_program.py")
    subprocess.run([PYTHON, program, command, folder], check=True, capture_output=True)
    return np.load(folder / "outputs.npz")


def make_rows(n: int = SIZE * UPDATES) -> Any:
    rng = np.random.default_rng(3)
    rows = sparse.random_array((n, D), density=0.1, rng=rng, dtype=np.float32).tocsr()
    rows.sort_indices()
    return rows


def csr(rows: Any) -> dict[str, Any]:
    return {
        "indptr": rows.indptr,
        "columns": rows.indices,
        "values": rows.data,
        "feature_dim": rows.shape[1],
    }


@pytest.mark.parametrize("clip", ["0", "0.01"])
@pytest.mark.parametrize("predictor_type", ["binary_classifier", "regressor"])
@pytest.mark.parametrize("engine", [NumpyEngine, NumbaEngine])
def test_fifty_updates_equal_mxnet_s(
    tmp_path: Path, engine: Any, predictor_type: str, clip: str
) -> None:
    settings = hyperparameters.parse(
        {
            "feature_dim": str(D),
            "num_factors": str(K),
            "mini_batch_size": str(SIZE),
            "predictor_type": predictor_type,
            "factors_init_sigma": "0.1",
            "factors_lr": "0.002",
            "factors_wd": "0.01",
            "bias_lr": "0.01",
            "clip_gradient": clip,
        }
    )
    rows = make_rows()
    labels = (np.random.default_rng(4).random(rows.shape[0]) < 0.5).astype(np.float32)
    start = State.initial(settings, np.random.default_rng(5))
    groups = {name: getattr(settings, name) for name in ("bias", "linear", "factors")}
    expected = mxnet(
        "train",
        tmp_path,
        **csr(rows),
        **{name: getattr(start, name)[:, VALUE] for name in groups},
        **{f"{name}_lr": group.lr for name, group in groups.items()},
        **{f"{name}_wd": group.wd for name, group in groups.items()},
        labels=labels,
        batch_size=SIZE,
        clip=settings.clip,
        binary=settings.binary,
    )
    running = engine(settings, start)
    scores = running.prepare(batched([(rows, labels)], SIZE))()
    outputs = scoring.sigmoid(scores) if settings.binary else scores
    assert np.abs(outputs - expected["outputs"]).max() < 1e-5
    assert np.abs(start.bias[0, VALUE] - expected["w0_weight"]).max() < 1e-5
    assert np.abs(start.linear[:, VALUE] - expected["w1_weight"].reshape(-1)).max() < 1e-5
    assert np.abs(start.factors[:, VALUE] - expected["v"]).max() < 1e-5


@pytest.mark.parametrize("predictor_type", ["binary_classifier", "regressor"])
def test_mxnet_loads_our_artifact_and_predicts_the_same(
    tmp_path: Path, predictor_type: str
) -> None:
    rng = np.random.default_rng(6)
    linear = rng.normal(size=D).astype(np.float32)
    factors = rng.normal(size=(D, K)).astype(np.float32)
    model = Model(0.3, linear, factors, predictor_type)
    artifact.write(tmp_path / "model.tar.gz", model)
    rows = make_rows(40)
    expected = mxnet("predict", tmp_path, **csr(rows))
    assert np.abs(scoring.scores(model, rows) - expected["outputs"]).max() < 1e-5
    assert np.array_equal(expected["v"], factors)
    assert np.array_equal(expected["w1_weight"].reshape(-1), linear)
    assert expected["w0_weight"].tolist() == [np.float32(0.3)]


def test_an_artifact_that_mxnet_saved_is_read(tmp_path: Path) -> None:
    """MXNet stores sparse-trained parameters row_sparse, without the rows that are zero."""
    factors, linear = np.zeros((4, 2), np.float32), np.zeros((4, 1), np.float32)
    factors[1:3], linear[2] = [[1, 2], [3, 4]], 5
    np.savez(tmp_path / "inputs.npz", factors=factors, w1=linear)
    program = (
        "import sys, numpy as np, mxnet as mx\n"
        "g = np.load(sys.argv[1] + '/inputs.npz')\n"
        "found = {'arg:w0_weight': mx.nd.array([0.5]),\n"
        "  'arg:v': mx.nd.array(g['factors']).tostype('row_sparse'),\n"
        "  'arg:w1_weight': mx.nd.array(g['w1']).tostype('row_sparse')}\n"
        "mx.nd.waitall()\n"  # saving does not wait for the shapes itself
        "mx.nd.save(sys.argv[1] + '/params', found)\n"
    )
    subprocess.run([PYTHON, "-c", program, tmp_path], check=True, capture_output=True)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.write(tmp_path / "params", "params")
        archive.writestr("symbol.json", "{}")
        archive.writestr("meta.json", '{"training_parameters": {"predictor_type": "regressor"}}')
    file.seek(0)
    model = artifact.read_model_file(file)
    assert model.factors.tolist() == factors.tolist()
    assert model.linear.tolist() == [0, 0, 5, 0]
