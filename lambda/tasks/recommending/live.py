"""The recommender of the model that is live, kept in memory and changed when that does."""

import tempfile
import time
from pathlib import Path

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from tasks.recommending.recommender import Recommender
from tasks.rollout import stack as cloudformation
from tasks.rollout import stack_status
from tasks.run import files
from tasks.run.errors import TaskError
from tasks.run.run_paths import Run

REFRESH_SECONDS = 15.0
logger = Logger(service="Recommend", child=True)


class NoLiveModelError(Exception):
    """Nothing has been deployed yet."""


class LiveRecommender:
    """Asks CloudFormation at most every `REFRESH_SECONDS` which model is live."""

    def __init__(self) -> None:
        self._url = ""
        self._recommender: Recommender | None = None
        self._asked = float("-inf")

    def get(self) -> tuple[str, Recommender]:
        """Return the live artifact's URL and its recommender.

        While a deployment runs, the model before it stays, and also while it cannot be found out
        or fetched what is live: an older answer is better than none.

        Raises:
            NoLiveModelError: nothing is live.
        """
        if time.monotonic() - self._asked >= REFRESH_SECONDS:
            try:
                self._refresh()
            except (BotoCoreError, ClientError, TaskError):
                if self._recommender is None:
                    raise
                logger.exception("the model in memory stays")
            self._asked = time.monotonic()
        if self._recommender is None:
            raise NoLiveModelError("no model is live yet: start an execution (make run)")
        return self._url, self._recommender

    def _refresh(self) -> None:
        stack = cloudformation.serving_stack()
        changing = stack["StackStatus"].endswith("_IN_PROGRESS")
        if not (changing and self._recommender):
            url = stack_status.model_data_url(stack)
            if url != self._url:
                self._recommender = _load(url) if url else None
                self._url = url
                logger.info("live model loaded", model_data_url=url)


def _load(model_data_url: str) -> Recommender:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = files.fetch_model(model_data_url, folder)
        return Recommender(model, files.fetch_encoder(Run.of_model(model_data_url), folder))
