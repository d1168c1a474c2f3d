"""How many threads the compiled engine uses; its numbers are tested with those of the others."""

import threading

import numpy as np
import pytest
from scipy import sparse

from local.fm_container import hyperparameters
from local.fm_container.engine import numba_engine
from local.fm_container.engine.batches import batched
from local.fm_container.engine.numba_engine import NumbaEngine, threads_for
from local.fm_container.engine.state import State

SETTINGS = hyperparameters.parse(
    {"feature_dim": "3", "num_factors": "2", "predictor_type": "regressor"}
)


def small_state() -> State:
    return State.initial(SETTINGS, np.random.default_rng(1))


def test_a_small_model_takes_one_thread() -> None:
    assert threads_for(small_state()) == 1


@pytest.mark.parametrize(("processors", "threads"), [(1, 1), (4, 4), (64, 8)])
def test_a_large_model_takes_every_processor_up_to_eight(
    monkeypatch: pytest.MonkeyPatch, processors: int, threads: int
) -> None:
    monkeypatch.setattr(numba_engine, "_LEAST_SHARED", 1)
    monkeypatch.setattr(numba_engine, "_processors", lambda: processors)
    assert threads_for(small_state()) == threads


def test_no_thread_is_left_behind() -> None:
    rows = sparse.csr_array(np.ones((40, 3), np.float32))
    before = threading.active_count()
    run = NumbaEngine(SETTINGS, small_state(), threads=2).prepare(
        batched([(rows, np.ones(40, np.float32))], 10)
    )
    run()
    assert threading.active_count() == before
