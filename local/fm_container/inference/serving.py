"""The command `serve`: loads the model, forks the workers, and stops them gracefully."""

import gc
import os
import signal
import socket
import sys
import time
from types import FrameType

import uvicorn

from fm import artifact
from fm.model import Model
from local.fm_container.inference.application import Application, Limits
from local.fm_container.log import Log
from local.fm_container.opt_ml import OptMl

_DEFAULT_BODY = 6 << 20
_STOP_SECONDS = 10
_RESTART_SECONDS = 0.1
_BACKLOG = 2048
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def serve(opt_ml: OptMl, port: int) -> int:
    """Serve a model until SIGTERM or SIGINT, and return the exit code.

    `NUM_WORKERS` (default: one per processor), `MAX_CONTENT_LENGTH` (bytes, 6 MiB) and
    `SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT` are read from the environment, as the container does.

    Args:
        opt_ml: The folders, of which `model` holds the model.
        port: Where to listen on loopback.
    """
    log = Log("algo-1")
    log.plain("Docker entrypoint called with argument(s): serve")
    log.plain("Running default environment configuration script")
    limits = Limits(
        body=int(os.environ.get("MAX_CONTENT_LENGTH", _DEFAULT_BODY)),
        workers=int(os.environ.get("NUM_WORKERS") or os.cpu_count() or 1),
        accept=os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", ""),
    )
    application = Application(_load(opt_ml, log), limits, log)
    listening = _listen(port)
    log.line(f"Number of server workers: {limits.workers}")
    # What lives from here on lives for good: the collector need not look at it for each request.
    gc.collect()
    gc.freeze()
    return _Supervisor(application, listening, limits.workers).run()


def _load(opt_ml: OptMl, log: Log) -> Model | None:
    candidates = sorted(opt_ml.model.glob("model_*")) if opt_ml.model.is_dir() else []
    try:
        model = artifact.read_model_file(candidates[0])
    except (IndexError, OSError, artifact.ArtifactError) as error:
        log.line(f"unable to load model: {error if candidates else 'there is none'}", "ERROR")
        return None
    log.line("loaded entry point class algorithm:model")
    return model


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(_BACKLOG)
    return listening


def _work(application: Application, listening: socket.socket) -> None:
    config = uvicorn.Config(
        application,
        lifespan="off",
        interface="asgi3",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listening])


class _Supervisor:
    """Keeps a number of forked workers on one listening socket; they share the model's memory."""

    def __init__(self, application: Application, listening: socket.socket, count: int) -> None:
        self._application = application
        self._listening = listening
        self._count = count
        self._workers: set[int] = set()
        self._stopping = False

    def run(self) -> int:
        """Keep the workers running until a signal to stop; return the exit code."""
        for number in _STOP_SIGNALS:
            signal.signal(number, self._stop)
        while not self._stopping or self._workers:
            while not self._stopping and len(self._workers) < self._count:
                self._fork()
            ended, _ = os.wait()
            self._workers.discard(ended)
            if not self._stopping:
                time.sleep(_RESTART_SECONDS)
        return 0

    def _fork(self) -> None:
        # a signal to stop must find the new worker in the set
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
        worker = os.fork()
        if worker:
            self._workers.add(worker)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP_SIGNALS)
            return
        for number in _STOP_SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP_SIGNALS)
        _work(self._application, self._listening)
        sys.stdout.flush()
        os._exit(0)

    def _stop(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self._stopping = True
        for worker in self._workers:
            os.kill(worker, signal.SIGTERM)
