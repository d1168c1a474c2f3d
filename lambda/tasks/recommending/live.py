"""The recommender of the model that is live, kept in memory and replaced when that changes."""

import tempfile
import time
from pathlib import Path

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from tasks.recommending.recommender import Recommender
from tasks.rollout import live_artifact
from tasks.run import run_files
from tasks.run.errors import TaskError
from tasks.run.run_paths import Run

REFRESH_SECONDS = 15.0
logger = Logger(service="Recommend", child=True)


class NoLiveModelError(Exception):
    """Nothing has been deployed yet."""


class LiveRecommender:
    """Looks at most every `REFRESH_SECONDS` which model is live."""

    def __init__(self, bucket: str) -> None:
        """Take the deployment's bucket; nothing is fetched before `get`."""
        self._bucket = bucket
        self._url = ""
        self._recommender: Recommender | None = None
        self._refreshed = float("-inf")

    def get(self) -> tuple[str, Recommender]:
        """Return the live artifact's URL and its recommender.

        Until a roll-out is verified, the previous model stays, and also while what is live cannot
        be determined or fetched: an older answer is better than none.

        Raises:
            NoLiveModelError: nothing is live.
        """
        if time.monotonic() - self._refreshed >= REFRESH_SECONDS:
            try:
                self._refresh()
            except (BotoCoreError, ClientError, TaskError):
                if self._recommender is None:
                    raise
                logger.exception("the model in memory stays")
            self._refreshed = time.monotonic()
        if self._recommender is None:
            raise NoLiveModelError("no model is live yet: start an execution (make run)")
        return self._url, self._recommender

    def _refresh(self) -> None:
        url = live_artifact.read(self._bucket)
        if url != self._url:
            self._recommender = _load(url) if url else None
            self._url = url
            logger.info("live model loaded", model_data_url=url)


def _load(model_data_url: str) -> Recommender:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = run_files.fetch_model(model_data_url, folder)
        encoder = run_files.fetch_encoder(Run.of_model(model_data_url), folder)
    return Recommender.build(model, encoder)
