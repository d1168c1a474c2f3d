"""The assets of the functions import as in Lambda, and fit."""

import subprocess
import sys
from pathlib import Path

import boto3
import pytest

from stacks import assets

TASKS = assets.ROOT / "lambda" / "tasks"


@pytest.fixture(scope="module")
def host_layer() -> Path:
    return assets.dependency_layer("host")


def _import_as_lambda_does(layer: Path, modules: list[str]) -> subprocess.CompletedProcess[str]:
    runtime = Path(boto3.__file__).parents[1]
    program = Path(__file__).with_name("isolated_import.py")
    paths = [str(runtime), str(layer / "python"), str(assets.task_code())]
    return subprocess.run(
        [sys.executable, "-I", "-S", str(program), *paths, *modules],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_every_task_module_imports_with_the_layer_and_nothing_else(host_layer: Path) -> None:
    modules = [
        ".".join(path.relative_to(TASKS.parent).with_suffix("").parts)
        for path in sorted(TASKS.rglob("*.py"))
    ]
    done = _import_as_lambda_does(host_layer, modules)
    assert done.returncode == 0, done.stderr


def test_a_package_that_the_layer_lacks_is_noticed(host_layer: Path) -> None:
    done = _import_as_lambda_does(host_layer, ["numba"])
    assert "No module named 'numba'" in done.stderr


def test_the_layer_for_lambda_fits_with_the_code() -> None:
    parts = (assets.dependency_layer("lambda"), assets.task_code())
    size = sum(path.stat().st_size for part in parts for path in part.rglob("*") if path.is_file())
    assert size < assets.UNZIPPED_LIMIT_BYTES


def test_the_layer_for_lambda_is_built_for_its_platform() -> None:
    binaries = list(assets.dependency_layer("lambda").rglob("numpy/_core/*.so"))
    assert binaries
    assert all("314" in path.name and "aarch64" in path.name for path in binaries)


def test_the_same_code_is_staged_once() -> None:
    assert assets.task_code() == assets.task_code()


def test_a_layer_over_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "big.bin").write_bytes(b"x" * 11)
    monkeypatch.setattr(assets, "UNZIPPED_LIMIT_BYTES", 10)
    with pytest.raises(RuntimeError, match="11 bytes, more than 10"):
        assets._prune(tmp_path)
