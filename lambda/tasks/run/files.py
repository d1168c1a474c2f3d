"""The files of a run, fetched from S3 and read: artifact, encoder, rows."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp

from data_prep import recordio
from data_prep.encoder import Encoder
from data_prep.errors import InputError
from fm import artifact
from fm.model import Model
from tasks.evaluation.baselines import Rows
from tasks.run import s3, s3_files
from tasks.run.errors import InvalidInputError
from tasks.run.run_paths import Run

# What fits into a function's memory with what evaluation makes of it. The training part is in
# random order, and the test part may be sorted by time: of both, an even selection is a fair one.
_MOST_ROWS = {"train": 10_000_000, "test": 5_000_000}


def fetch_model(model_data_url: str, folder: Path) -> Model:
    """Return the model in the artifact at `model_data_url`."""
    return artifact.read(s3.download(model_data_url, folder / "model.tar.gz"))


def fetch_encoder(run: Run, folder: Path) -> Encoder:
    """Return the encoder with the run's manifest and vocabulary."""
    return Encoder.load(fetch_vocabulary(run, folder))


def fetch_vocabulary(run: Run, folder: Path) -> Path:
    """Return the folder with the run's manifest and vocabulary."""
    data = folder / "data"
    s3.download(run.uri("data/manifest.json"), data / "manifest.json")
    s3.download_folder(run.uri("data/vocabulary/"), data / "vocabulary")
    return data


def fetch_rows(run: Run, part: str) -> Rows:
    """Return the run's rows of `part`, `train` or `test`; of very many, an even selection.

    Raises InvalidInputError for rows that are missing or damaged.
    """
    (stored,) = s3_files.stored_files(run.uri(f"data/{part}.recordio"))
    try:
        with stored.open() as file:
            return thinned(recordio.read_batches(file), _MOST_ROWS[part])
    except InputError as error:
        raise InvalidInputError(f"{stored}: {error}") from error


def thinned(batches: Iterable[tuple[Any, Any]], most: int) -> Rows:
    """Return every row, or every second, fourth, eighth ... so that there are at most `most`.

    `batches` are features (CSR, shape (n, d)) and labels (shape (n,)).
    """
    kept: list[tuple[Any, Any]] = []
    step, seen, count = 1, 0, 0
    for features, labels in batches:
        chosen = slice(-seen % step, None, step)
        kept.append((features[chosen], labels[chosen]))
        seen, count = seen + len(labels), count + len(kept[-1][1])
        while count > most:
            features, labels = _stacked(kept)
            kept, step = [(features[::2], labels[::2])], 2 * step
            count = len(kept[0][1])
    return Rows(*_stacked(kept))


def _stacked(batches: Sequence[tuple[Any, Any]]) -> tuple[Any, Any]:
    features, labels = zip(*batches, strict=True)
    return sp.csr_array(sp.vstack(features, format="csr")), np.concatenate(labels)
