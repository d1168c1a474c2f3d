"""`model.tar.gz`, the artifact of SageMaker's Factorization Machines: read and written.

The archive holds one file, `model_algo-1`: a zip of `symbol.json` (the graph), `params` (the
numbers) and `meta.json` (the training parameters). Only this module knows that.
"""

import gzip
import json
import os
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from fm import ndarray_list, symbol
from fm.arrays import AnyArray
from fm.model import BINARY, REGRESSOR, Model

__all__ = [
    "MODEL_FILE",
    "ArtifactError",
    "read",
    "read_model_file",
    "write",
    "write_model_file",
]

MODEL_FILE = "model_algo-1"
_PREFIX = "model_"
_IN_MEMORY = 64 << 20
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_COMPRESSION = 1  # float32 weights hardly shrink
_DAMAGED = (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, zlib.error, gzip.BadGzipFile)

# names of bias, linear weights and factors, by the container's network; the dense one's weights and
# factors are transposed
_SPARSE = ("arg:w0_weight", "arg:w1_weight", "arg:v")
_DENSE = ("arg:Linear_Plus_Bias_bias", "arg:Linear_Plus_Bias_weight", "arg:v")


class ArtifactError(ValueError):
    """The file is not a factorization machine's artifact; the message says why."""


def write(path: Path, model: Model) -> None:
    """Write a model as `model.tar.gz`; the same model always gives the same bytes.

    Args:
        path: Where to write; the file appears whole or not at all.
        model: The model.

    Raises:
        OSError: The file cannot be written.
    """
    with tempfile.TemporaryDirectory() as folder:
        write_model_file(Path(folder, MODEL_FILE), model)
        _pack(Path(folder), path)


def _pack(folder: Path, path: Path) -> None:
    """Write the gzipped tar of every file in `folder`, as SageMaker does with /opt/ml/model."""
    with (
        _replacing(path) as raw,
        gzip.GzipFile("", "wb", _COMPRESSION, raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for file in sorted(folder.rglob("*")):
            archive.add(file, str(file.relative_to(folder)), recursive=False, filter=_anonymous)


def _anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    member.mtime = 0
    member.mode = 0o755 if member.isdir() else 0o644
    return member


def write_model_file(
    path: Path, model: Model, training_parameters: Mapping[str, str] | None = None
) -> None:
    """Write a model as the file `model_algo-1` that the container leaves in /opt/ml/model.

    Args:
        path: Where to write; the file appears whole or not at all.
        model: The model.
        training_parameters: The job's hyperparameters, for `meta.json`.

    Raises:
        OSError: The file cannot be written.
    """
    parameters = {
        **(training_parameters or {}),
        "feature_dim": str(model.feature_dim),
        "num_factors": str(model.num_factors),
        "predictor_type": model.predictor_type,
    }
    arrays = {
        "arg:w0_weight": np.array([model.bias], np.float32),
        "arg:w1_weight": model.linear.reshape(-1, 1),
        "arg:v": model.factors,
    }
    with _replacing(path) as raw, zipfile.ZipFile(raw, "w") as archive:
        archive.writestr(zipfile.ZipInfo("symbol.json", _ZIP_EPOCH), symbol.build(model))
        archive.writestr(
            zipfile.ZipInfo("meta.json", _ZIP_EPOCH),
            json.dumps({"training_parameters": parameters}, sort_keys=True),
        )
        with archive.open(zipfile.ZipInfo("params", _ZIP_EPOCH), "w", force_zip64=True) as params:
            ndarray_list.write(cast(BinaryIO, params), arrays)


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with aside.open("wb") as file:
            yield file
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def read(source: Path | BinaryIO) -> Model:
    """Read the model in a `model.tar.gz`.

    Args:
        source: The file's path, or the file opened in binary mode.

    Raises:
        ArtifactError: The file is damaged, or holds no factorization machine.
        OSError: The file cannot be opened.
    """
    with _opened(source) as raw, tempfile.SpooledTemporaryFile(_IN_MEMORY) as copy:
        try:
            with tarfile.open(fileobj=raw, mode="r:*") as archive:
                shutil.copyfileobj(_member(archive), copy)
        except _DAMAGED as error:
            raise ArtifactError(f"the model archive is damaged: {error}") from error
        copy.seek(0)
        return _unzip(cast(BinaryIO, copy))


def read_model_file(source: Path | BinaryIO) -> Model:
    """Read the model in the container's file `model_algo-1`.

    Args:
        source: The file's path, or the file opened in binary mode.

    Raises:
        ArtifactError: The file is damaged, or holds no factorization machine.
        OSError: The file cannot be opened.
    """
    with _opened(source) as raw:
        return _unzip(raw)


@contextmanager
def _opened(source: Path | BinaryIO) -> Iterator[BinaryIO]:
    if isinstance(source, Path):
        with source.open("rb") as file:
            yield file
    else:
        yield source


def _member(archive: tarfile.TarFile) -> BinaryIO:
    names = []
    for member in archive:
        names.append(member.name)
        if member.isfile() and Path(member.name).name.startswith(_PREFIX):
            return cast(BinaryIO, archive.extractfile(member))
    raise ArtifactError(
        f"the archive holds no {MODEL_FILE} but {names}: it is no Factorization Machines artifact"
    )


def _unzip(file: BinaryIO) -> Model:
    try:
        with zipfile.ZipFile(file) as archive:
            missing = {"symbol.json", "params", "meta.json"} - set(archive.namelist())
            if missing - {"meta.json"}:
                raise ArtifactError(f"{MODEL_FILE} lacks {', '.join(sorted(missing))}")
            graph = archive.read("symbol.json").decode("utf-8", "replace")
            meta = b"" if missing else archive.read("meta.json")
            with archive.open("params") as params:
                arrays = ndarray_list.read(cast(BinaryIO, params))
    except ndarray_list.FormatError as error:
        raise ArtifactError(f"params in {MODEL_FILE} is damaged: {error}") from error
    except (*_DAMAGED, RuntimeError, NotImplementedError) as error:
        raise ArtifactError(f"{MODEL_FILE} is damaged: {error}") from error
    return _model(arrays, _predictor_type(meta, graph))


def _stated_predictor_type(meta: bytes) -> str | None:
    """Return the training parameter `predictor_type` of `meta.json`; None when it says none."""
    try:
        predictor_type = json.loads(meta)["training_parameters"]["predictor_type"]
    except (ValueError, TypeError, KeyError):
        return None
    return predictor_type if predictor_type in (BINARY, REGRESSOR) else None


def _predictor_type(meta: bytes, graph: str) -> str:
    predictor_type = _stated_predictor_type(meta) or symbol.predictor_type(graph)
    if predictor_type is None:
        raise ArtifactError(
            f"neither meta.json nor symbol.json in {MODEL_FILE} says whether it is a "
            f"{BINARY} or a {REGRESSOR}"
        )
    return predictor_type


def _model(arrays: Mapping[str, AnyArray], predictor_type: str) -> Model:
    dense_trained = _DENSE[1] in arrays
    try:
        bias, linear, factors = (arrays[name] for name in (_DENSE if dense_trained else _SPARSE))
    except KeyError as error:
        raise ArtifactError(
            f"params in {MODEL_FILE} holds {sorted(arrays)} but not {error.args[0]!r}"
        ) from error
    if factors.ndim != 2 or bias.size != 1:
        raise ArtifactError(
            f"params in {MODEL_FILE} holds a bias of shape {bias.shape} and factors of shape "
            f"{factors.shape}; they must be (1,) and two-dimensional"
        )
    if dense_trained:
        factors = factors.T
    try:
        return Model(float(bias.reshape(())), linear.reshape(-1), factors, predictor_type)
    except ValueError as error:
        raise ArtifactError(f"params in {MODEL_FILE} does not fit together: {error}") from error
