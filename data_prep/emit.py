"""The spooled rows to RecordIO: counted, checked, the training part shuffled, then encoded."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from data_prep import recordio, vocabulary
from data_prep.errors import InputError
from data_prep.ingest import ITEM, USER, Progress
from data_prep.manifest import Field, Parts
from data_prep.settings import Columns, PrepareSettings
from data_prep.split import Splitter
from data_prep.spool import LABEL, Codes, Rows, Spool
from data_prep.vocabulary import SeenItems, Vocabulary

TRAIN, TEST = "train", "test"
BUCKET_ROWS = 1 << 22  # shuffled in memory; more rows go through buckets on disk
_WRITE_ROWS = 1 << 17
_STREAM = 2  # the random stream of the shuffle; the split has another


class Emitter:
    """Writes the two parts and the vocabulary of a spool.

    Attributes after construction: rows, positives (None for a regressor), feature_dim, and after
    `write` also fields.
    """

    fields: tuple[Field, ...]

    def __init__(
        self,
        out: Path,
        spool: Spool,
        splitter: Splitter,
        codes: dict[str, Codes],
        settings: PrepareSettings,
        progress: Progress,
    ) -> None:
        self._out = out
        self._spool = spool
        self._splitter = splitter
        self._settings = settings
        self._progress = progress
        counts = {field: np.zeros(len(code), np.int64) for field, code in codes.items()}
        sizes = {TRAIN: 0, TEST: 0}
        positives = {TRAIN: 0, TEST: 0}
        for block, mask in self._blocks():
            for part, rows in ((TRAIN, block[~mask]), (TEST, block[mask])):
                sizes[part] += len(rows)
                positives[part] += int((rows[LABEL] == 1).sum())
            for field, count in counts.items():
                count += np.bincount(block[field][~mask], minlength=len(count))
        self.rows = Parts(**sizes)
        classes = settings.predictor_type == "binary_classifier"
        self.positives = Parts(**positives) if classes else None
        self._known: dict[str, Vocabulary] = {
            field: vocabulary.fit(code.values, counts[field], settings.min_count)
            for field, code in codes.items()
        }
        self._start = {USER: 0, ITEM: len(self._known[USER].values) + 1}
        self.feature_dim = self._start[ITEM] + len(self._known[ITEM].values) + 1

    def check(self, file: str, column: str) -> None:
        """Raise InputError, naming the file and its label column, when a part cannot be used."""
        for part in (TRAIN, TEST):
            if not getattr(self.rows, part):
                raise InputError(
                    f"the {part} part of the split would be empty: there are "
                    f"{self._spool.rows} rows",
                    file=file,
                    fix="Bring more rows, or change split",
                )
        for part in (TRAIN, TEST) if self.positives else ():
            rows, positives = getattr(self.rows, part), getattr(self.positives, part)
            if positives in (0, rows):
                raise InputError(
                    f"the {part} part has one class only: {positives} of its {rows} labels are 1",
                    file=file,
                    column=column,
                    fix="A classifier needs both: look at the labels, label.positive_at_least "
                    "and split",
                )

    def write(self, columns: Columns, scratch: Path) -> None:
        """Write the RecordIO files and vocabulary/; `scratch` holds the buckets of the shuffle."""
        directory = self._out / vocabulary.DIRECTORY
        directory.mkdir()
        names: dict[Literal["user", "item"], str] = {USER: columns.user, ITEM: columns.item}
        self.fields = tuple(
            Field(
                name=name,
                role=field,
                kind="categorical",
                start=self._start[field],
                size=len(self._known[field].values) + 1,
                vocabulary=f"{vocabulary.DIRECTORY}/{field}.parquet",
            )
            for field, name in names.items()
        )
        for field, known in self._known.items():
            known.save(directory / f"{field}.parquet")
        buckets = self._divide(directory, scratch)
        random = np.random.default_rng([self._settings.split.seed, _STREAM, 1])
        done = 0
        with (self._out / f"{TRAIN}.recordio").open("wb", buffering=0) as file:
            for bucket in buckets:
                rows = np.fromfile(bucket.path, bucket.dtype)
                bucket.path.unlink()
                order = random.permutation(len(rows))
                for start in range(0, len(rows), _WRITE_ROWS):
                    self._encode(file, rows[order[start : start + _WRITE_ROWS]])
                done += len(rows)
                self._progress(f"Wrote {done:,} of {self.rows.train:,} training rows")

    def _blocks(self) -> Iterator[tuple[Rows, NDArray[np.bool_]]]:
        return zip(self._spool.blocks(), self._splitter.masks(), strict=True)

    def _divide(self, directory: Path, scratch: Path) -> list[Spool]:
        """Write the test part, note seen items, and deal the training rows into random buckets.

        A uniform shuffle: each row goes to a bucket at random, and each bucket is permuted.
        """
        count = -(-self.rows.train // BUCKET_ROWS)
        random = np.random.default_rng([self._settings.split.seed, _STREAM, 0])
        buckets = [
            Spool(scratch / f"bucket-{number}", self._spool.dtype) for number in range(count)
        ]
        seen = SeenItems(directory, self._known[USER].counts)
        with (self._out / f"{TEST}.recordio").open("wb", buffering=0) as file:
            for block, mask in self._blocks():
                self._encode(file, block[mask])
                train = block[~mask]
                users = self._known[USER].place_of_code[train[USER]]
                inside = users < len(self._known[USER].values)
                seen.add(users[inside], self._known[ITEM].place_of_code[train[ITEM]][inside])
                bucket = (random.random(len(train)) * count).astype(np.intp)
                for number, spool in enumerate(buckets):
                    spool.append(train[bucket == number] if count > 1 else train)
        seen.close()
        for spool in buckets:
            spool.close()
        return buckets

    def _encode(self, file: Any, rows: Rows) -> None:
        if not len(rows):
            return
        keys = np.empty((len(rows), len(self._known)), np.int32)
        for place, (field, known) in enumerate(self._known.items()):
            keys[:, place] = known.place_of_code[rows[field]] + self._start[field]
        indptr = np.arange(0, keys.size + 1, keys.shape[1])
        values = np.ones(keys.size, np.float32)
        features = sp.csr_array((values, keys.ravel(), indptr), shape=(len(rows), self.feature_dim))
        recordio.write(file, features, np.ascontiguousarray(rows[LABEL]))
