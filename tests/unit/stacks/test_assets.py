"""The assets of the functions import as in Lambda, and fit."""

import subprocess
import sys
from pathlib import Path

import boto3
import pytest

from stacks import assets

TASKS = assets.ROOT / "lambda" / "tasks"
CLEANUP = assets.ROOT / "lambda" / "cleanup"


@pytest.fixture(scope="module")
def host_layer() -> Path:
    return assets.dependency_layer("host")


def _import_as_lambda_does(
    layer: Path, modules: list[str], *, code: Path, runtime: Path
) -> subprocess.CompletedProcess[str]:
    program = Path(__file__).with_name("isolated_import.py")
    paths = [str(runtime), str(layer / "python"), str(code)]
    return subprocess.run(
        [sys.executable, "-I", "-S", "-B", str(program), *paths, *modules],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def _import_tasks(layer: Path, modules: list[str]) -> subprocess.CompletedProcess[str]:
    runtime = Path(boto3.__file__).parents[1]
    return _import_as_lambda_does(layer, modules, code=assets.task_code(), runtime=runtime)


def _modules(package: Path) -> list[str]:
    return [
        ".".join(path.relative_to(package.parent).with_suffix("").parts)
        for path in sorted(package.rglob("*.py"))
    ]


def test_every_task_module_imports_with_the_layer_and_nothing_else(host_layer: Path) -> None:
    done = _import_tasks(host_layer, _modules(TASKS))
    assert done.returncode == 0, done.stderr


def test_every_clean_up_module_imports_with_its_layer_whatever_the_runtime_holds(
    tmp_path: Path,
) -> None:
    done = _import_as_lambda_does(
        assets.cleanup_layer(), _modules(CLEANUP), code=assets.cleanup_code(), runtime=tmp_path
    )
    assert done.returncode == 0, done.stderr


def test_the_clean_up_without_its_layer_is_noticed(tmp_path: Path) -> None:
    code = assets.cleanup_code()
    done = _import_as_lambda_does(tmp_path, ["cleanup.aws"], code=code, runtime=tmp_path)
    assert "No module named 'boto3'" in done.stderr


def test_the_clean_ups_layer_is_for_every_platform() -> None:
    assert list(assets.cleanup_layer().rglob("*.so")) == []


def test_a_package_that_the_layer_lacks_is_noticed(host_layer: Path) -> None:
    done = _import_tasks(host_layer, ["numba"])
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
        assets._prune(tmp_path, ())
