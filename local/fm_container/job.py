"""The job itself: epochs over the train channel, the model, scores on the test channel."""

import tempfile
import time
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import NamedTuple

import numpy as np

from fm import artifact
from fm.scoring import score_entries
from local.fm_container.channels import Channel
from local.fm_container.engine.batches import Batches
from local.fm_container.engine.choice import choose
from local.fm_container.engine.protocol import Engine, Run
from local.fm_container.engine.state import State
from local.fm_container.hyperparameters import Hyperparameters
from local.fm_container.log import Log
from local.fm_container.opt_ml import OptMl
from local.fm_container.progress import new_metrics

_MILLISECONDS = 1000.0


class _Seen(NamedTuple):
    """How many records and batches an iterator over a channel gave."""

    records: int
    batches: int


class Job:
    """A training job of one host."""

    def __init__(
        self,
        log: Log,
        settings: Hyperparameters,
        provided: Mapping[str, object],
        train: Channel,
    ) -> None:
        """Describe the job.

        Args:
            log: Where it reports.
            settings: The hyperparameters.
            provided: The hyperparameters as the job was given them, for the model's file.
            train: The train channel.
        """
        self._log = log
        self._provided = provided
        self._settings = settings
        self._train = train
        self._kept: list[tuple[Batches, Run]] = []  # in File mode, for the epochs to come
        self._peeked = 0  # records read before training, to build the network

    def run(self, opt_ml: OptMl, rng: np.random.Generator, test: Channel | None) -> None:
        """Train, write `model/model_<host>`, and score the test channel.

        Raises:
            CustomerError: A channel holds what the algorithm refuses.
        """
        begun = time.time()
        stream = self._train.pieces(0)
        first = next(stream)
        engine = self._build(rng, first, begun)
        for epoch in range(self._settings.epochs):
            pieces = chain([first], stream) if epoch == 0 else self._train.pieces(epoch)
            self._epoch(engine, epoch, pieces)
        self._save(opt_ml, engine)
        if test is not None:
            self._test(engine, test)

    def _build(self, rng: np.random.Generator, first: Batches, begun: float) -> Engine:
        log, settings, train = self._log, self._settings, self._train
        batch = train.first_batch
        log.tensorio(
            "warning",
            "TensorIO is already initialized; ignoring the initialization routine.",
        )
        log.epoch_stats(train.named_path, 0, time.time() - begun, 1, batch.size)
        log.line("nvidia-smi: took 0.000 seconds to run.")
        log.line("nvidia-smi identified 0 GPUs.")
        log.line("Number of GPUs being used: 0")
        network = "Dense" if batch.dense else "Sparse"
        log.line(f"[{network} network] Building a {network.lower()} network.")
        log.line("Create Store: local")
        engine = choose(settings, State.initial(settings, rng), batch.dense)
        log.metrics(begun, {"initialize.time": (time.time() - begun) * _MILLISECONDS})
        self._peeked = min(settings.batch_size, first.records)
        seen = _Seen(self._peeked, 1)
        self._log_seen(begun, seen, seen, _Seen(0, 0), resets=1, Meta="init_train_data_iter")
        return engine

    def _epoch(self, engine: Engine, epoch: int, pieces: Iterator[Batches]) -> None:
        log, settings = self._log, self._settings
        begun = time.time()
        running = new_metrics(settings.binary)
        records = done = 0
        for batches, run in self._prepared(engine, epoch, pieces):
            running.add(run(), batches.labels, settings.batch_size)
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
        seen = _Seen(records, done)
        total = _Seen(self._peeked + (epoch + 1) * records, 1 + (epoch + 1) * done)
        self._log_seen(
            begun, total, seen, seen, resets=epoch + 2, epoch=epoch, Meta="training_data_iter"
        )
        log.line(
            f"#throughput_metric: host={log.host}, train throughput="
            f"{records / (time.time() - begun)} records/second"
        )

    def _prepared(
        self, engine: Engine, epoch: int, pieces: Iterator[Batches]
    ) -> Iterator[tuple[Batches, Run]]:
        """Yield the epoch's pieces and what runs them; kept in memory in File mode."""
        if epoch and self._kept:
            yield from self._kept
            return
        for batches in pieces:
            prepared = (batches, engine.prepare(batches))
            if not self._train.pipe and self._settings.epochs > 1:
                self._kept.append(prepared)
            yield prepared

    def _save(self, opt_ml: OptMl, engine: Engine) -> None:
        log = self._log
        log.line(
            "wait_for_all_workers will not sync workers since the kv store is not running "
            "distributed",
            "WARNING",
        )
        log.line("Pulling entire model from kvstore to finalize")
        begun = time.time()
        opt_ml.model.mkdir(parents=True, exist_ok=True)
        model = engine.state.model(self._settings.predictor_type)
        parameters = {name: str(value) for name, value in self._provided.items()}
        artifact.write_model_file(opt_ml.model / f"model_{log.host}", model, parameters)
        log.metrics(begun, {"finalize.time": (time.time() - begun) * _MILLISECONDS})
        log.line(f'Saved checkpoint to "{tempfile.gettempdir()}/state-0001.params"')

    def _test(self, engine: Engine, test: Channel) -> None:
        log, settings = self._log, self._settings
        begun = time.time()
        model = engine.state.model(settings.predictor_type)
        running = new_metrics(settings.binary)
        records = done = 0
        for batches in test.pieces(0):
            scores = score_entries(model, batches.indptr, batches.columns, batches.values)
            real = slice(batches.records)  # the test metrics leave the pads out
            running.add(scores[real], batches.labels[real], settings.batch_size)
            if not done:
                size = test.first_batch.size
                log.epoch_stats(test.named_path, 0, time.time() - begun, 1, size)
            records += batches.records
            done += batches.number
        log.epoch_stats(test.named_path, 1, time.time() - begun, done, test.size)
        seen = _Seen(records, done)
        self._log_seen(begun, seen, seen, seen, resets=1, Meta="test_data_iter")
        log.test_scores(running)

    def _log_seen(
        self,
        begun: float,
        total: _Seen,
        most: _Seen,
        since_reset: _Seen,
        resets: int,
        **dimensions: str | int,
    ) -> None:
        """Log what an iterator gave: in all, at most between resets, and since its last one."""
        counts = {
            "Total Records Seen": total.records,
            "Total Batches Seen": total.batches,
            "Max Records Seen Between Resets": most.records,
            "Max Batches Seen Between Resets": most.batches,
            "Reset Count": resets,
            "Number of Records Since Last Reset": since_reset.records,
            "Number of Batches Since Last Reset": since_reset.batches,
        }
        self._log.metrics(begun, counts, **dimensions)
