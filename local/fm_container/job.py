"""The job itself: epochs over the train channel, the model, scores on the test channel."""

import tempfile
import time
from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np

from fm import artifact
from fm.scoring import score_entries
from local.fm_container import record_head
from local.fm_container.channels import Channel
from local.fm_container.engine import state
from local.fm_container.engine.batches import Batches
from local.fm_container.engine.choice import Engine, choose
from local.fm_container.hyperparameters import Hyperparameters
from local.fm_container.log import Log
from local.fm_container.opt_ml import Layout
from local.fm_container.progress import metrics

_MILLISECONDS = 1000.0


class Job:
    """A training job of one host."""

    def __init__(
        self, log: Log, settings: Hyperparameters, provided: dict[str, Any], train: Channel
    ) -> None:
        self._log = log
        self._provided = {name: str(value) for name, value in provided.items()}
        self._settings = settings
        self._train = train
        self._kept: list[Any] = []
        self._peeked = 0

    def run(self, layout: Layout, rng: np.random.Generator, test: Channel | None) -> None:
        """Train, write `model/model_<host>`, and score the test channel."""
        begun = time.time()
        stream = self._train.pieces(0)
        first = next(stream)
        engine = self._engine(rng, first, begun)
        for epoch in range(self._settings.epochs):
            pieces = chain([first], stream) if epoch == 0 else self._train.pieces(epoch)
            self._epoch(engine, epoch, pieces)
        self._save(layout, engine)
        if test is not None:
            self._test(engine, test)

    def _engine(self, rng: np.random.Generator, first: Batches, begun: float) -> Engine:
        log, settings, train = self._log, self._settings, self._train
        peeked = record_head.size_of(train.head, settings.batch_size)
        log.tensorio(
            "warning",
            "TensorIO is already initialized; ignoring the initialization routine.",
        )
        log.epoch_stats(train.named_path, 0, time.time() - begun, 1, peeked)
        log.line("nvidia-smi: took 0.000 seconds to run.")
        log.line("nvidia-smi identified 0 GPUs.")
        log.line("Number of GPUs being used: 0")
        dense = record_head.is_dense(train.head)
        kind = "Dense" if dense else "Sparse"
        log.line(f"[{kind} network] Building a {kind.lower()} network.")
        log.line("Create Store: local")
        engine = choose(settings, state.initial(settings, rng), dense)
        log.metrics(begun, {"initialize.time": (time.time() - begun) * _MILLISECONDS})
        self._peeked = min(settings.batch_size, first.records)
        counts = ((self._peeked, 1), (self._peeked, 1), (0, 0))
        self._seen(begun, *counts, resets=1, Meta="init_train_data_iter")
        return engine

    def _epoch(self, engine: Engine, epoch: int, pieces: Iterator[Batches]) -> None:
        log, settings = self._log, self._settings
        begun = time.time()
        running = metrics(settings.binary)
        records = done = 0
        for batches, prepared in self._prepared(engine, epoch, pieces):
            running.add(engine.run(prepared), batches.labels, settings.batch_size)
            last = done + batches.number - 1
            if last % settings.publish_interval == 0:
                log.quality(f"epoch={epoch}, batch={last} train", running)
            done += batches.number
            records += batches.records
        seconds = time.time() - begun
        log.epoch_stats(self._train.named_path, 2 * epoch + 2, seconds, done, self._train.size)
        log.quality(f"epoch={epoch}, train", running)
        times = {"update.time": seconds * _MILLISECONDS}
        if epoch == 0:
            times = {"epochs": settings.epochs, **times}
        log.metrics(begun, times)
        if epoch == settings.epochs - 1:
            log.quality("train", running)
        log.line(
            f"#progress_metric: host={log.host}, completed "
            f"{100.0 * (epoch + 1) / settings.epochs} % of epochs"
        )
        one = (records, done)
        total = (self._peeked + (epoch + 1) * records, 1 + (epoch + 1) * done)
        self._seen(begun, total, one, one, resets=epoch + 2, epoch=epoch, Meta="training_data_iter")
        log.line(
            f"#throughput_metric: host={log.host}, train throughput="
            f"{records / (time.time() - begun)} records/second"
        )

    def _prepared(
        self, engine: Engine, epoch: int, pieces: Iterator[Batches]
    ) -> Iterator[tuple[Batches, Any]]:
        """The epoch's pieces with what the engine needs; kept in memory in File mode."""
        if epoch and self._kept:
            yield from self._kept
            return
        for batches in pieces:
            both = (batches, engine.prepare(batches))
            if not self._train.pipe and self._settings.epochs > 1:
                self._kept.append(both)
            yield both

    def _save(self, layout: Layout, engine: Engine) -> None:
        log = self._log
        log.line(
            "wait_for_all_workers will not sync workers since the kv store is not running "
            "distributed",
            "WARNING",
        )
        log.line("Pulling entire model from kvstore to finalize")
        begun = time.time()
        layout.model.mkdir(parents=True, exist_ok=True)
        model = engine.state.model(self._settings.predictor_type)
        artifact.write_model_file(layout.model / f"model_{log.host}", model, self._provided)
        log.metrics(begun, {"finalize.time": (time.time() - begun) * _MILLISECONDS})
        log.line(f'Saved checkpoint to "{tempfile.gettempdir()}/state-0001.params"')

    def _test(self, engine: Engine, test: Channel) -> None:
        log, settings = self._log, self._settings
        begun = time.time()
        model = engine.state.model(settings.predictor_type)
        found = metrics(settings.binary)
        records = done = 0
        for batches in test.pieces(0):
            scores = score_entries(model, batches.indptr, batches.columns, batches.values)
            real = slice(batches.records)  # the test metrics leave the pads out
            found.add(scores[real], batches.labels[real], settings.batch_size)
            if not done:
                size = record_head.size_of(test.head, settings.batch_size)
                log.epoch_stats(test.named_path, 0, time.time() - begun, 1, size)
            records += batches.records
            done += batches.number
        log.epoch_stats(test.named_path, 1, time.time() - begun, done, test.size)
        one = (records, done)
        self._seen(begun, one, one, one, resets=1, Meta="test_data_iter")
        log.test_scores(found)

    def _seen(
        self,
        begun: float,
        total: tuple[int, int],
        most: tuple[int, int],
        since: tuple[int, int],
        resets: int,
        **dimensions: Any,
    ) -> None:
        """Log how many (records, batches) an iterator gave: in all, at most, since its reset."""
        counts = {
            "Total Records Seen": total[0],
            "Total Batches Seen": total[1],
            "Max Records Seen Between Resets": most[0],
            "Max Batches Seen Between Resets": most[1],
            "Reset Count": resets,
            "Number of Records Since Last Reset": since[0],
            "Number of Batches Since Last Reset": since[1],
        }
        self._log.metrics(begun, counts, **dimensions)
