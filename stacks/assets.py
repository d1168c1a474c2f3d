"""The assets: the functions' code, the layers with the packages that it imports, the lab's kit.

All are folders below `build/assets`, named after a hash of what they are made of: each is made
once, aside, and then renamed, so that of two syntheses at once neither sees half of one.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from stacks.lambda_runtime import PACKAGE_PLATFORM, PYTHON_VERSION

LayerPlatform = Literal["lambda", "host"]
ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "lambda" / "requirements.txt"
CLEANUP_REQUIREMENTS = ROOT / "lambda" / "cleanup" / "requirements.txt"
LIBRARIES = ("contract", "data_prep", "fm")  # what the task functions import of the house
UNZIPPED_LIMIT_BYTES = 250 * 2**20  # of a function with its layers (Lambda quotas)

# Left out of the layer: with it, scipy's and pyarrow's unused halves exceed Lambda's limit.
UNUSED = (
    *("**/tests", "**/__pycache__", "bin"),
    *("numpy/**/*.pyi", "numpy/_core/include", "numpy/_core/lib"),
    *(f"scipy/{module}" for module in (
        *("cluster", "constants", "datasets", "differentiate", "fft", "fftpack", "integrate"),
        *("interpolate", "io", "misc", "ndimage", "odr", "optimize", "signal"),
        *("spatial", "special", "stats"),
    )),
    *("pyarrow/include", "pyarrow/**/*.pxd", "pyarrow/**/*.pyx", "pyarrow/src"),
    *("pyarrow/libarrow_flight*", "pyarrow/_flight*", "pyarrow/libarrow_s3*", "pyarrow/_s3fs*"),
    *("pyarrow/libarrow_python.so", "pyarrow/libarrow_python.so.*.*.*"),
)  # fmt: skip
# What the clean-up calls: the models of all other services are most of botocore.
CLEANUP_SERVICES = ("cloudformation", "ec2", "efs", "logs", "sagemaker", "ssm", "stepfunctions")
_CLEANUP_UNUSED = ("**/__pycache__", "bin", "boto3/data", "boto3/examples", "botocore/data/*")
_CLEANUP_KEPT = ("botocore/data/*.json", *(f"botocore/data/{name}" for name in CLEANUP_SERVICES))
_FOR_LAMBDA = ("--python-platform", PACKAGE_PLATFORM, "--python-version", PYTHON_VERSION)


def task_code() -> Path:
    """Return a folder with `tasks` and the libraries that it uses, as Lambda imports them."""
    return _staged("tasks", _modules("lambda/tasks", *LIBRARIES))


def cleanup_code() -> Path:
    """Return a folder with `cleanup` and the contract, as Lambda imports them."""
    return _staged("cleanup", _modules("lambda/cleanup", "contract"))


def lab_kit() -> Path:
    """Return a folder with the notebooks, their kernel's locked packages, and the libraries."""
    notebooks = ROOT / "notebooks"
    files = [
        *sorted(notebooks.glob("*.ipynb")),
        notebooks / "requirements.txt",
        ROOT / "requirements-uv.txt",
    ]
    by_target = {str(path.relative_to(ROOT)): path for path in files}
    return _staged("lab", {**by_target, **_modules(*LIBRARIES)})


def _modules(*packages: str) -> dict[str, Path]:
    """Return the Python files of packages (folders of the repository) by where they are staged."""
    return {
        str(path.relative_to((ROOT / package).parent)): path
        for package in packages
        for path in sorted((ROOT / package).rglob("*.py"))
    }


def _staged(kind: str, files: Mapping[str, Path]) -> Path:
    def copy(folder: Path) -> None:
        for target, source in files.items():
            (folder / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, folder / target)

    recipe = (f"{target}\n{source.read_text()}" for target, source in files.items())
    return _made_once(kind, recipe, copy)


def dependency_layer(platform: LayerPlatform) -> Path:
    """Return a folder laid out as a Python layer (`python/...`) for `platform`.

    `lambda` is what the functions run on in AWS; `host` is the interpreter that runs this.

    Raises:
        RuntimeError: the packages could not be installed, or exceed Lambda's limit.
    """
    target = _FOR_LAMBDA if platform == "lambda" else ("--python", sys.executable)
    return _layer(f"layer-{platform}", target, REQUIREMENTS, UNUSED)


def cleanup_layer() -> Path:
    """Return a layer with the boto3 of the clean-up, which is the same for all platforms.

    Raises:
        RuntimeError: the packages could not be installed.
    """
    files = (CLEANUP_REQUIREMENTS, _CLEANUP_UNUSED, _CLEANUP_KEPT)
    return _layer("layer-cleanup", _FOR_LAMBDA, *files)


def _layer(
    kind: str,
    target: Sequence[str],
    requirements: Path,
    unused: Sequence[str],
    kept: Sequence[str] = (),
) -> Path:
    def install(folder: Path) -> None:
        command = [str(Path(sys.executable).with_name("uv")), "pip", "install", "--quiet"]
        command += ["--target", str(folder / "python"), "--only-binary", ":all:"]
        command += ["--no-deps", "--require-hashes", "--requirement", str(requirements), *target]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode != 0:
            raise RuntimeError(f"the Lambda layer cannot be installed: {done.stderr.strip()}")
        _prune(folder / "python", unused, kept)

    return _made_once(kind, (requirements.read_text(), *unused, *kept, *target), install)


def _prune(folder: Path, unused: Sequence[str], kept: Sequence[str] = ()) -> None:
    spared = {path for pattern in kept for path in folder.glob(pattern)}
    for pattern in unused:
        for path in set(folder.glob(pattern)) - spared:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    if size > UNZIPPED_LIMIT_BYTES:
        raise RuntimeError(f"the Lambda layer has {size} bytes, more than {UNZIPPED_LIMIT_BYTES}")


def _made_once(kind: str, recipe: Iterable[str], make: Callable[[Path], None]) -> Path:
    digest = hashlib.sha256("\0".join(recipe).encode()).hexdigest()[:16]
    folder = ROOT / "build" / "assets" / f"{kind}-{digest}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            make(aside)
            aside.chmod(0o755)
            if not folder.exists():
                aside.rename(folder)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    return folder
