"""The files of a run, fetched from S3 and read: artifact, encoder, rows."""

from pathlib import Path

from data_prep import recordio
from data_prep.encoder import Encoder
from data_prep.errors import InputError
from fm import artifact
from fm.model import Model
from tasks import storage
from tasks.contenders import Rows
from tasks.errors import InvalidInputError
from tasks.run import Run


def fetch_model(model_data_url: str, folder: Path) -> Model:
    """Return the model in the artifact at `model_data_url`."""
    return artifact.read(storage.download(model_data_url, folder / "model.tar.gz"))


def fetch_encoder(run: Run, folder: Path) -> Encoder:
    """Return the encoder with the run's manifest and vocabulary."""
    return Encoder.load(fetch_vocabulary(run, folder))


def fetch_vocabulary(run: Run, folder: Path) -> Path:
    """Return the folder with the run's manifest and vocabulary."""
    data = folder / "data"
    storage.download(run.uri("data/manifest.json"), data / "manifest.json")
    storage.download_folder(run.uri("data/vocabulary/"), data / "vocabulary")
    return data


def fetch_rows(run: Run, part: str, folder: Path) -> Rows:
    """Return the run's rows of `part`, `train` or `test`."""
    uri = run.uri(f"data/{part}.recordio")
    path = storage.download(uri, folder / f"{part}.recordio")
    try:
        with path.open("rb") as file:
            features, labels = recordio.read(file)
    except InputError as error:
        raise InvalidInputError(str(error).replace(str(path), uri)) from error
    assert labels is not None  # noqa: S101  PrepareData writes every row with its label
    return Rows(features, labels)
