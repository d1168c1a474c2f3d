"""Lists of all items for users: asked for, made by each system, and judged.

What `bench.ranking` and `bench.ranking_choices` share. Rows are prepared by `data_prep`, and jobs
run as SageMaker would run them, in `local.fm_container`.
"""

import contextlib
import io
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import scipy.sparse as sp

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lambda"))

from bench import job_folder
from bench.task import clock
from contract.s3_layout import part
from data_prep.encoder import Encoder
from data_prep.held_out import HeldOut
from data_prep.preparation import prepare
from data_prep.settings import PrepareSettings
from fm import artifact, ease, item_knn, ranking_metrics
from fm.arrays import CsrRows, Float64s, Int64s
from fm.list_baselines import ItemScores, ItemWeights
from fm.model import BINARY, Model
from fm.top_n import ItemBlock
from local.fm_container.opt_ml import OptMl
from local.fm_container.training import train as run_job

Hyperparameters = Mapping[str, int | float | str]
SHOWN = max(ranking_metrics.CUTOFFS)
METRICS = ("ndcg@10", "recall@10")


class Prepared(NamedTuple):
    """A preparation for ranking.

    Attributes:
        folder: Where it is.
        encoder: Its encoding.
        held_out: What may be asked.
        seconds: How long it took, and how much of that was computing.
    """

    folder: Path
    encoder: Encoder
    held_out: HeldOut
    seconds: Float64s

    @classmethod
    def make(cls, source: Path, out: Path, settings: PrepareSettings) -> Self:
        """Prepare a file of interactions."""
        started = clock()
        prepare([source], out, settings)
        seconds = clock() - started
        return cls(out, Encoder.load(out), HeldOut.load(out), seconds)

    @property
    def training_file(self) -> Path:
        """The rows to train on."""
        return self.folder / part("train")

    def train(self, settings: Hyperparameters, seed: int) -> tuple[Model, Float64s]:
        """Run a training job and return its model, and its seconds as those of preparing."""
        sizes = {"feature_dim": self.encoder.feature_dim, "predictor_type": BINARY}
        with tempfile.TemporaryDirectory() as name:
            root = Path(name)
            job_folder.write(root, {**settings, **sizes}, {"train": self.training_file})
            started = clock()
            with contextlib.redirect_stdout(io.StringIO()):
                run_job(OptMl(root), seed)
            seconds = clock() - started
            return artifact.read_model_file(root / "model" / artifact.MODEL_FILE), seconds


class Asked(NamedTuple):
    """Users who get a list, and what they liked that nobody knew of.

    Attributes:
        users: Their ids, m of them.
        histories: What stands for each, as item indices, oldest first; m arrays.
        seen: Items that each is not shown; m arrays.
        wanted_by: The user of each wanted item, by its place in `users`, shape (r,).
        wanted: The wanted items, -1 for one that training does not know, shape (r,).
    """

    users: Sequence[str]
    histories: Sequence[Int64s]
    seen: Sequence[Int64s]
    wanted_by: Int64s
    wanted: Int64s

    @classmethod
    def of_held_out(cls, prepared: Prepared, users: Int64s | None = None) -> Self:
        """Ask for all users with a liked held-out item, or for those of `users` (indices)."""
        encoder, held_out = prepared.encoder, prepared.held_out
        liked = (held_out.labels == 1) & (held_out.users >= 0)
        if users is not None:
            liked &= np.isin(held_out.users, users)
        askers, wanted_by = np.unique(held_out.users[liked], return_inverse=True)
        ids = [encoder.user_ids[user] for user in askers.tolist()]
        return cls(
            ids,
            [encoder.history(user) for user in ids],
            [encoder.seen_items(user) for user in ids],
            wanted_by,
            held_out.items[liked],
        )

    def shortened(self, most: int) -> Self:
        """Return the same question with only the newest `most` items of each history known."""
        return self._replace(histories=[history[-most:] for history in self.histories])

    def judge(self, top: Int64s, items: int) -> Float64s:
        """Return `METRICS` of each user's list, shape (m, metrics).

        Args:
            top: The lists, best first, -1 after a list's end, shape (m, SHOWN).
            items: Number of items in the catalogue.
        """
        known = self.wanted >= 0
        hit = ranking_metrics.hits(top, self.wanted_by[known], self.wanted[known], items)
        values = ranking_metrics.per_user(hit, np.bincount(self.wanted_by))
        return values[:, [ranking_metrics.NAMES.index(name) for name in METRICS]]


def of_model(model: Model, prepared: Prepared, asked: Asked) -> Float64s:
    """Return the metrics (m, metrics) of a model's lists."""
    encoder = prepared.encoder
    block = ItemBlock(model, encoder.encode_items(encoder.item_ids))
    contexts = encoder.encode_users(asked.users, asked.histories)
    return asked.judge(block.top_n(contexts, SHOWN, asked.seen)[0], len(block))


class Baselines:
    """The lists that a model is compared with; they learn from the same users' likes."""

    def __init__(self, prepared: Prepared) -> None:
        """Fit them."""
        encoder = prepared.encoder
        learnt = np.delete(np.arange(len(encoder.user_ids)), prepared.held_out.strangers)
        self._items = len(encoder.item_ids)
        liked = self._rows([encoder.history(encoder.user_ids[user]) for user in learnt.tolist()])
        self._systems: dict[str, ItemScores | ItemWeights] = {
            "popularity": ItemScores(np.bincount(liked.indices, minlength=self._items)),
            "item-kNN": ItemWeights(item_knn.fit(liked)),
            "EASE": ItemWeights(ease.fit(liked)),
        }

    def judged(self, asked: Asked) -> Iterator[tuple[str, Float64s]]:
        """Yield each baseline and the metrics (m, metrics) of its lists."""
        histories = self._rows(asked.histories)
        for name, system in self._systems.items():
            yield name, asked.judge(system.top_n(histories, SHOWN, asked.seen)[0], self._items)

    def _rows(self, histories: Sequence[Int64s]) -> CsrRows:
        indptr = np.cumsum([0, *map(len, histories)])
        indices = np.concatenate([np.empty(0, np.int64), *map(np.sort, histories)])
        ones = np.ones(len(indices), np.float32)
        return sp.csr_array((ones, indices, indptr), shape=(len(histories), self._items))
