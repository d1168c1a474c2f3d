"""A layer is unpacked once for all workers; other archives are unpacked as usual."""

import zipfile
from pathlib import Path

import pytest

from local.ministack import layers


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    path = tmp_path / "any.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("python/module.py", "VALUE = 1\n")
    return path


def _extract(archive: Path, target: Path) -> Path:
    target.mkdir(parents=True)
    with layers._LayerZip(archive) as file:
        file.extractall(target)
    return target


def test_two_workers_share_one_copy_of_a_layer(archive: Path, tmp_path: Path) -> None:
    first = _extract(archive, tmp_path / "worker-1" / "layer_0")
    second = _extract(archive, tmp_path / "worker-2" / "layer_0")
    assert first.resolve() == second.resolve()
    assert (second / "python" / "module.py").read_text() == "VALUE = 1\n"


def test_another_layer_is_another_copy(archive: Path, tmp_path: Path) -> None:
    first = _extract(archive, tmp_path / "worker-1" / "layer_0")
    with zipfile.ZipFile(archive, "a") as file:
        file.writestr("python/more.py", "")
    second = _extract(archive, tmp_path / "worker-1" / "layer_1")
    assert first.resolve() != second.resolve()


def test_a_functions_code_is_its_own(archive: Path, tmp_path: Path) -> None:
    code = _extract(archive, tmp_path / "worker-1" / "code")
    assert not code.is_symlink()
