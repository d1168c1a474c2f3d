"""Every engine equals the plain float64 reference, whatever the settings."""

from functools import cache
from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from local.fm_container import hyperparameters
from local.fm_container.engine.batches import Batches, batched
from local.fm_container.engine.dense_engine import DenseEngine
from local.fm_container.engine.numba_engine import NumbaEngine
from local.fm_container.engine.numpy_engine import NumpyEngine
from local.fm_container.engine.state import State
from tests.unit.local.fm_container.engine.reference import Reference

D, K, SIZE, UPDATES = 12, 3, 8, 50
ENGINES: dict[str, tuple[Any, bool]] = {
    "numpy": (NumpyEngine, False),
    "numba": (NumbaEngine, False),
    "dense": (DenseEngine, True),
}
WEIGHT_DECAYS = {
    "no decay": {"bias_wd": "0", "linear_wd": "0", "factors_wd": "0"},
    "decay": {"bias_wd": "0.02", "linear_wd": "0.03", "factors_wd": "0.1"},
}
CLIPS = {"no clip": {}, "clip": {"clip_gradient": "0.02"}}
STARTS = {
    "normal": {"factors_init_sigma": "0.3"},
    "uniform": {
        f"{g}_init_{n}": v
        for g in ("bias", "linear", "factors")
        for n, v in (("method", "uniform"), ("scale", "0.4"))
    },
    "constant": {
        f"{g}_init_{n}": v
        for g in ("bias", "linear", "factors")
        for n, v in (("method", "constant"), ("value", "0.2"))
    },
}
RATES = {"bias_lr": "0.01", "linear_lr": "0.005", "factors_lr": "0.003"}


def settings_of(**given: str) -> hyperparameters.Hyperparameters:
    basic = {"feature_dim": str(D), "num_factors": str(K), "mini_batch_size": str(SIZE)}
    return hyperparameters.parse({**basic, **RATES, **given})


def data(dense: bool, binary: bool) -> tuple[Any, Any]:
    """Real-valued rows, the last batch incomplete."""
    rng = np.random.default_rng(11)
    n = SIZE * UPDATES - 3
    matrix = rng.normal(size=(n, D)) * (1 if dense else rng.random((n, D)) < 0.3)
    labels = rng.random(n) < 0.5 if binary else rng.normal(size=n) + 3
    return matrix.astype(np.float32), labels.astype(np.float32)


def as_batches(matrix: Any, labels: Any) -> Batches:
    return batched([(sparse.csr_array(matrix), labels)], SIZE)


@cache
def plain(dense: bool, settings: hyperparameters.Hyperparameters) -> tuple[Any, Reference]:
    """The reference's scores and the reference after all updates."""
    matrix, labels = data(dense, settings.binary)
    start = State.initial(settings, np.random.default_rng(2))
    reference = Reference.start(settings, dense, start)
    scores: list[float] = []
    for at in range(0, len(labels), SIZE):
        batch = matrix[at : at + SIZE].astype(float)
        rows = [{int(i): row[i] for i in np.flatnonzero(row)} for row in batch]
        scores += reference.update(rows, labels[at : at + SIZE].astype(float))
    return np.array(scores), reference


def both(engine: str, settings: hyperparameters.Hyperparameters) -> tuple[Any, Any, Any, Any]:
    """The engine's and the reference's scores, and their states, after all updates."""
    kind, dense = ENGINES[engine]
    start = State.initial(settings, np.random.default_rng(2))
    running = kind(settings, start)
    found = running.prepare(as_batches(*data(dense, settings.binary)))()
    expected, reference = plain(dense, settings)
    return found, expected, running.state, reference


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("predictor_type", ["binary_classifier", "regressor"])
@pytest.mark.parametrize(("decay", "clip", "start"), list(product(WEIGHT_DECAYS, CLIPS, STARTS)))
def test_fifty_updates_equal_the_reference(
    engine: str, predictor_type: str, decay: str, clip: str, start: str
) -> None:
    settings = settings_of(
        predictor_type=predictor_type, **WEIGHT_DECAYS[decay], **CLIPS[clip], **STARTS[start]
    )
    found, expected, trained, reference = both(engine, settings)
    assert np.abs(found - expected).max() < 1e-5
    for name in ("bias", "linear", "factors"):
        mine, plain = getattr(trained, name), np.stack(getattr(reference, name), 1)
        assert np.abs(mine - plain).max() < 1e-5, name


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("given", [{"eps": "0.01"}, {"rescale_grad": "0.05"}])
def test_eps_and_rescale_equal_the_reference(engine: str, given: dict[str, str]) -> None:
    found, expected, _, _ = both(engine, settings_of(predictor_type="regressor", **given))
    assert np.abs(found - expected).max() < 1e-5


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("one", "other"),
    [({}, {"eps": "0.001"}), ({}, {"clip_gradient": "0.05"}), ({}, {"factors_wd": "0.001"})],
)
def test_the_comparison_notices_a_changed_setting(
    engine: str, one: dict[str, str], other: dict[str, str]
) -> None:
    kind, dense = ENGINES[engine]
    scores = []
    for given in (one, other):
        settings = settings_of(predictor_type="regressor", **STARTS["normal"], **given)
        running = kind(settings, State.initial(settings, np.random.default_rng(2)))
        scores.append(running.prepare(as_batches(*data(dense, False)))())
    assert np.abs(scores[0] - scores[1]).max() > 1e-5


def test_a_feature_twice_in_a_row_is_two_entries_to_every_sparse_engine() -> None:
    """As to MXNet's graph, which squares the entries of a CSR array one by one."""
    rng = np.random.default_rng(6)
    columns = np.stack([rng.integers(0, D, 40)] * 2 + [rng.integers(0, D, 40)], 1).ravel()
    entries = (rng.random(120).astype(np.float32), columns, np.arange(0, 121, 3))
    rows = sparse.csr_array(entries, shape=(40, D))
    settings = settings_of(predictor_type="regressor", **STARTS["normal"])
    found = []
    for kind, _ in (ENGINES["numpy"], ENGINES["numba"]):
        running = kind(settings, State.initial(settings, np.random.default_rng(2)))
        batches = batched([(rows, np.ones(40, np.float32))], SIZE)
        found.append((running.prepare(batches)(), running.state.factors))
    for one, other in zip(*found, strict=True):
        assert np.abs(one - other).max() < 1e-5


@pytest.mark.parametrize("engine", ["numpy", "numba"])
def test_features_absent_from_a_batch_do_not_move(engine: str) -> None:
    settings = settings_of(predictor_type="regressor", factors_wd="0.1", linear_wd="0.1")
    start = State.initial(settings, np.random.default_rng(2))
    before = start.linear.copy(), start.factors.copy()
    running = ENGINES[engine][0](settings, start)
    matrix = np.zeros((SIZE, D), np.float32)
    matrix[:, 3] = 1
    running.prepare(as_batches(matrix, np.ones(SIZE, np.float32)))()
    for old, new in zip(before, (start.linear, start.factors), strict=True):
        assert np.flatnonzero((old != new).reshape(D, -1).any(1)).tolist() == [3]


def test_every_feature_moves_when_rows_are_dense() -> None:
    settings = settings_of(predictor_type="regressor", linear_wd="0.1")
    start = State.initial(settings, np.random.default_rng(2))
    before = start.linear.copy()
    running = DenseEngine(settings, start)
    matrix = np.zeros((SIZE, D), np.float32)
    running.prepare(as_batches(matrix, np.ones(SIZE, np.float32)))()
    assert (before != start.linear).all()


@pytest.mark.parametrize("threads", [2, 3, 8])
def test_any_number_of_threads_gives_the_same_bits(threads: int) -> None:
    rng = np.random.default_rng(4)
    rows = sparse.random_array((5000, 300), density=0.02, rng=rng, dtype=np.float32).tocsr()
    labels = (rng.random(5000) < 0.5).astype(np.float32)
    settings = hyperparameters.parse(
        {"feature_dim": "300", "num_factors": "16", "predictor_type": "binary_classifier"}
    )
    found = []
    for count in (1, threads):
        start = State.initial(settings, np.random.default_rng(2))
        running = NumbaEngine(settings, start, threads=count)
        run = running.prepare(batched([(rows, labels)], 1000))
        scores = [run() for _ in range(4)]
        found.append((np.concatenate(scores), start.bias, start.linear, start.factors))
    for one, several in zip(*found, strict=True):
        assert np.array_equal(one, several)
