"""The channels of a job: files in File mode, one FIFO per epoch in Pipe mode.

Messages as in aws/sagemaker-rl-container, `vw_serving/sagemaker/exceptions.py`.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NoReturn, cast

import numpy as np

from data_prep import recordio
from data_prep.errors import InputError
from fm.arrays import CsrRows, Float32s
from local.fm_container import first_batch
from local.fm_container.content_types import RECORDIO
from local.fm_container.engine.batches import Batches, Chunk, pieces
from local.fm_container.errors import CustomerError
from local.fm_container.first_batch import FirstBatch
from local.fm_container.hyperparameters import Hyperparameters
from local.fm_container.opt_ml import OPT_ML, OptMl

_FIFO_SECONDS = 60.0
_BAD_VALUES = (("missing (NaN) values", np.isnan), ("infinite floating point values", np.isinf))


@dataclass
class Channel:
    """One channel of a job.

    Attributes:
        name: "train" or "test".
        folder: Its files; in Pipe mode the FIFOs' path, to which they add `_` and the epoch.
        pipe: Whether it is in Pipe mode.
        settings: The job's hyperparameters.
        size: Bytes read in the last epoch.
    """

    name: str
    folder: Path
    pipe: bool
    settings: Hyperparameters
    size: int = field(default=0, init=False)
    _head: list[bytes] = field(default_factory=list, init=False)
    _head_complete: bool = field(default=False, init=False)

    @property
    def named_path(self) -> str:
        """The channel's folder as logs name it."""
        return f"{OPT_ML}/input/data/{self.name}"

    @property
    def first_batch(self) -> FirstBatch:
        """The first mini-batch, once the first of `pieces` has been read."""
        return first_batch.inspect(b"".join(self._head), self.settings.batch_size)

    def pieces(self, epoch: int) -> Iterator[Batches]:
        """Yield the records in order, as pieces of mini-batches.

        Args:
            epoch: In Pipe mode the number of the FIFO.

        Raises:
            CustomerError: The channel holds something that the algorithm refuses, or nothing.
        """
        settings = self.settings
        for batches in pieces(self._rows(epoch), settings.batch_size, settings.publish_interval):
            self._head_complete = True
            yield batches

    def _rows(self, epoch: int) -> Iterator[Chunk]:
        self.size, self._head, self._head_complete = 0, [], False
        try:
            for path in self._paths(epoch):
                with path.open("rb") as raw:
                    file = cast(BinaryIO, _WatchedFile(raw, self))
                    for rows, labels in recordio.read_batches(file):
                        yield rows, self._checked(rows, labels)
        except InputError as error:
            _unreadable(self.name, RECORDIO, error)
        if not self.size:
            _misconfigured(self.name)

    def _paths(self, epoch: int) -> list[Path]:
        if not self.pipe:
            files = (path for path in self.folder.rglob("*") if path.is_file())
            return sorted(files, key=str)  # as S3 lists them: a-1 before a/1, which paths do not
        path = self.folder.with_name(f"{self.name}_{epoch}")
        deadline = time.monotonic() + _FIFO_SECONDS
        while not path.exists():
            if time.monotonic() > deadline:
                _misconfigured(self.name)
            time.sleep(0.01)
        return [path]

    def _checked(self, rows: CsrRows, labels: Float32s | None) -> Float32s:
        """Return the labels when rows and labels are what the algorithm takes."""
        name = self.name
        if rows.shape[1] != self.settings.feature_dim:
            raise CustomerError(
                f"Incorrect configuration or {name} dataset provided. The value of feature_dim "
                f"hyperparameter '{self.settings.feature_dim}' doesn't match {name} data "
                f"dimensionality '{rows.shape[1]}'. Please set feature_dim to the number of "
                f"features in {name} dataset."
            )
        if labels is None:
            raise CustomerError(
                f"Labeled {name} data required with label size equal 1. Label size on {name} "
                f"dataset found to be 0. Please provide a properly labeled labeled {name} dataset."
            )
        for what, test in _BAD_VALUES:
            if test(rows.data).any() or test(labels).any():
                raise CustomerError(
                    f"Unable to read data channel '{name}'. Found {what}. Please remove any "
                    f"{what} in the input data."
                )
        if self.settings.binary and not np.isin(labels, (0, 1)).all():
            wrong = labels[~np.isin(labels, (0, 1))][0]
            raise CustomerError(
                f"Unable to read data channel '{name}'. Found label {wrong:g}. A binary_classifier "
                "needs labels that are 0 or 1."
            )
        return labels

    def note(self, data: bytes) -> None:
        """Note what was read of the channel's files."""
        self.size += len(data)
        if not self._head_complete:
            self._head.append(data)


class _WatchedFile:
    """A file of a channel, which notes what is read of it."""

    def __init__(self, file: BinaryIO, channel: Channel) -> None:
        self._file = file
        self._channel = channel
        self.name = f"{channel.named_path}/{Path(file.name).name}"

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._channel.note(data)
        return data


def configured_channels(opt_ml: OptMl, settings: Hyperparameters) -> dict[str, Channel]:
    """Return the job's channels by name: `train`, and `test` if there is one.

    Raises:
        CustomerError: There is no channel `train`, there is one of another name, or one of
            another content type.
        PlatformError: The channels' configuration is missing or damaged.
    """
    channels = {}
    for name, config in opt_ml.channels().items():
        if name not in ("train", "test"):
            _misconfigured(name)
        content_type = config.get("ContentType") or RECORDIO
        if content_type.split(";")[0].strip() != RECORDIO:
            _unreadable(name, content_type)
        pipe = config.get("TrainingInputMode", "File") == "Pipe"
        channels[name] = Channel(name, opt_ml.data / name, pipe, settings)
    if "train" not in channels:
        _misconfigured("train")
    return channels


def _misconfigured(name: str) -> NoReturn:
    raise CustomerError(
        f"Unable to read data channel '{name}'. Please verify the correct data channel "
        "configuration is provided."
    )


def _unreadable(name: str, content_type: str, error: InputError | None = None) -> NoReturn:
    message = (
        f"Unable to read data channel '{name}'. Requested content-type is '{content_type}'. "
        "Please verify the data matches the requested content-type."
    )
    if error is None:
        raise CustomerError(message)
    raise CustomerError(
        message, caused_by="MXNetError", cause=f"(Input Error) Unable to parse record: {error}"
    ) from error
