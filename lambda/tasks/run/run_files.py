"""The files of a run, fetched from S3 and read: artifact, encoder, rows."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal, cast

from contract import s3_layout
from data_prep import recordio
from data_prep.encoder import Encoder
from data_prep.errors import InputError
from data_prep.held_out import HeldOut
from data_prep.manifest import Field, Manifest
from fm import artifact
from fm.model import Model
from tasks.run import s3, s3_files
from tasks.run.errors import InvalidInputError
from tasks.run.rows import Batch, Rows, thinned, without
from tasks.run.run_paths import Run

Part = Literal["train", "test"]
# What fits into a function's memory with what evaluation makes of it. The training part is in
# random order, and the test part may be sorted by time: of both, an even selection is a fair one.
_MOST_ROWS: dict[Part, int] = {"train": 10_000_000, "test": 5_000_000}
_MOST_NON_ZEROS = 50_000_000


def fetch_model(model_data_url: str, folder: Path) -> Model:
    """Return the model in the artifact at `model_data_url`.

    Args:
        model_data_url: S3 URI of a `model.tar.gz`.
        folder: where the artifact may be left.

    Raises:
        InvalidInputError: there is no such object, or this task's role may not read it.
        ArtifactError: it is not an artifact of Factorization Machines.
    """
    return artifact.read(s3.download(model_data_url, folder / "model.tar.gz"))


def fetch_encoder(run: Run, folder: Path) -> Encoder:
    """Return the encoder with the run's manifest and vocabulary; see `fetch_vocabulary`."""
    return Encoder.load(fetch_vocabulary(run, folder))


def fetch_vocabulary(run: Run, folder: Path) -> Path:
    """Copy the run's manifest and vocabulary into a folder below `folder` and return it.

    Raises:
        InvalidInputError: they are missing, or this task's role may not read them.
    """
    data = folder / "data"
    _download_manifest(run, data)
    s3.download_folder(
        run.uri(s3_layout.DATA + s3_layout.VOCABULARY_FOLDER), data / s3_layout.VOCABULARY_FOLDER
    )
    return data


def fetch_manifest(run: Run, folder: Path) -> Manifest:
    """Return the run's manifest.

    Args:
        run: whose it is.
        folder: where the file may be left.

    Raises:
        InvalidInputError: it is missing, or this task's role may not read it.
        InputError: it is damaged.
    """
    _download_manifest(run, folder)
    return Manifest.load(folder)


def _download_manifest(run: Run, folder: Path) -> None:
    name = s3_layout.MANIFEST_FILE
    s3.download(run.uri(s3_layout.DATA + name), folder / name)


def fetch_held_out(run: Run, folder: Path) -> HeldOut:
    """Return the run's held-out interactions and strangers.

    Args:
        run: whose they are.
        folder: where the files may be left.

    Raises:
        InvalidInputError: they are missing, or this task's role may not read them.
        InputError: they are damaged.
    """
    for name in (s3_layout.HELD_OUT_FILE, s3_layout.STRANGERS_FILE):
        s3.download(run.uri(s3_layout.DATA + name), folder / name)
    return HeldOut.load(folder)


def fetch_rows(run: Run, part: Part, leave_out: Field | None = None) -> Rows:
    """Return the run's rows of `part`; of very many, an even selection.

    Args:
        run: whose they are.
        part: "train" or "test".
        leave_out: a field whose columns are left empty, which spares their memory.

    Raises:
        InvalidInputError: the rows are missing or damaged.
    """
    (stored,) = s3_files.stored_files(run.uri(s3_layout.DATA + s3_layout.part(part)))
    try:
        with stored.open() as file:
            batches = _labelled(cast(BinaryIO, file))
            if leave_out is not None:
                start, end = leave_out.start, leave_out.start + leave_out.size
                batches = ((without(rows, start, end), labels) for rows, labels in batches)
            return thinned(batches, _MOST_ROWS[part], _MOST_NON_ZEROS)
    except InputError as error:
        raise InvalidInputError(f"{stored}: {error}") from error


def _labelled(file: BinaryIO) -> Iterator[Batch]:
    for features, labels in recordio.read_batches(file):
        if labels is None:
            raise InputError("the records have no labels")
        yield features, labels
