"""The command `train`: reads the job's description, runs it, and logs as the container does."""

import time
from collections.abc import Mapping

import numpy as np

from local.fm_container import hyperparameters
from local.fm_container.channels import configured_channels
from local.fm_container.job import Job
from local.fm_container.log import Log
from local.fm_container.opt_ml import OPT_ML, OptMl

_DEFAULTS_FILE = "/opt/amazon/lib/python3.7/site-packages/algorithm/resources/default-conf.json"
_MILLISECONDS = 1000.0


def train(opt_ml: OptMl, seed: int | None) -> None:
    """Run the job that `opt_ml` describes.

    Args:
        opt_ml: The job's folders.
        seed: Of the random numbers; None for others each time, as in SageMaker.

    Raises:
        ContainerError: The job fails.
    """
    started = time.time()
    hosts = opt_ml.hosts()
    log = Log(hosts.current)
    provided = opt_ml.hyperparameters()
    _greet(log, provided)
    settings = hyperparameters.parse(provided)
    channels = configured_channels(opt_ml, settings)
    log.plain("Process 1 is a worker.")
    log.line("Using default worker.")
    log.line("Checkpoint loading and saving are disabled.")
    if len(hosts.all) > 1:
        log.line(f"The {len(hosts.all)} hosts of this job are emulated as one, {hosts.current}.")
    job = Job(log, settings, provided, channels["train"])
    job.run(opt_ml, np.random.default_rng(seed), channels.get("test"))
    elapsed = (time.time() - started) * _MILLISECONDS
    log.metrics(started, {"setuptime": 0.0, "totaltime": elapsed})


def _greet(log: Log, provided: Mapping[str, object]) -> None:
    log.plain("Docker entrypoint called with argument(s): train")
    log.plain("Running default environment configuration script")
    log.line(f"Reading default configuration from {_DEFAULTS_FILE}: {hyperparameters.DEFAULTS}")
    log.line(
        f"Merging with provided configuration from {OPT_ML}/input/config/hyperparameters.json: "
        f"{provided}"
    )
    log.line(f"Final configuration: {hyperparameters.merge(provided)}")
    log.line("Loggers have already been setup.", "WARNING")
