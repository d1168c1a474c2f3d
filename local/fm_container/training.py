"""A training job: reads the channels, trains, writes the model, and logs as the container does."""

import time
from typing import Any

import numpy as np

from local.fm_container import hyperparameters
from local.fm_container.channels import open_channels
from local.fm_container.job import Job
from local.fm_container.log import Log
from local.fm_container.opt_ml import NAMED_ROOT, Layout

_DEFAULTS_FILE = "/opt/amazon/lib/python3.7/site-packages/algorithm/resources/default-conf.json"
_MILLISECONDS = 1000.0


def train(layout: Layout, seed: int | None) -> None:
    """Run the job that `layout` describes; raises ContainerError."""
    started = time.time()
    hosts = layout.hosts()
    log = Log(hosts.current)
    provided = layout.hyperparameters()
    _greet(log, provided)
    settings = hyperparameters.parse(provided)
    channels = open_channels(layout, settings)
    log.plain("Process 1 is a worker.")
    log.line("Using default worker.")
    log.line("Checkpoint loading and saving are disabled.")
    if len(hosts.all) > 1:
        log.line(f"The {len(hosts.all)} hosts of this job are emulated as one, {hosts.current}.")
    job = Job(log, settings, provided, channels["train"])
    job.run(layout, np.random.default_rng(seed), channels.get("test"))
    elapsed = (time.time() - started) * _MILLISECONDS
    log.metrics(started, {"setuptime": 0.0, "totaltime": elapsed})


def _greet(log: Log, provided: dict[str, Any]) -> None:
    log.plain("Docker entrypoint called with argument(s): train")
    log.plain("Running default environment configuration script")
    log.line(f"Reading default configuration from {_DEFAULTS_FILE}: {hyperparameters.DEFAULTS}")
    log.line(
        f"Merging with provided configuration from {NAMED_ROOT}/input/config/hyperparameters.json: "
        f"{provided}"
    )
    log.line(f"Final configuration: {hyperparameters.merge(provided)}")
    log.line("Loggers have already been setup.", "WARNING")
