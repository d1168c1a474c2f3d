"""Which engine a job gets, and where compiled code is kept."""

import os
from pathlib import Path

import numpy as np
import pytest

from local.fm_container import hyperparameters
from local.fm_container.engine import choice
from local.fm_container.engine.dense_engine import DenseEngine
from local.fm_container.engine.numba_engine import NumbaEngine
from local.fm_container.engine.numpy_engine import NumpyEngine
from local.fm_container.engine.state import State

SETTINGS = hyperparameters.parse(
    {"feature_dim": "3", "num_factors": "2", "predictor_type": "regressor"}
)


def chosen(dense: bool) -> type:
    start = State.initial(SETTINGS, np.random.default_rng(1))
    return type(choice.choose(SETTINGS, start, dense))


def test_dense_rows_and_sparse_rows_have_their_engines() -> None:
    assert chosen(dense=True) is DenseEngine
    assert chosen(dense=False) is NumbaEngine


def test_without_numba_the_numpy_engine_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert chosen(dense=False) is NumpyEngine


@pytest.fixture
def no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")  # noted first, so that it is undone in any case
    monkeypatch.delenv("NUMBA_CACHE_DIR")


@pytest.mark.usefixtures("no_folder")
def test_compiled_code_is_kept_in_the_user_s_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    choice.use_cache_folder()
    assert Path(os.environ["NUMBA_CACHE_DIR"]).parent == tmp_path / "factorstack"


def test_a_folder_that_is_given_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/given")
    choice.use_cache_folder()
    assert os.environ["NUMBA_CACHE_DIR"] == "/given"


@pytest.mark.usefixtures("no_folder")
def test_a_cache_that_cannot_be_written_is_replaced(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    choice.use_cache_folder()
    assert Path(os.environ["NUMBA_CACHE_DIR"]).is_relative_to(tmp_path / f"user-{os.getuid()}")


def test_a_change_in_any_module_of_the_engine_gets_another_cache(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "choice.py").write_text("")
    (tmp_path / "kernels.py").write_text("one")
    monkeypatch.setattr(choice, "__file__", str(tmp_path / "choice.py"))
    before = choice._version()
    (tmp_path / "kernels.py").write_text("other")
    assert choice._version() != before
