"""The split by time beside the random one: how good a second model's lists are, or why not."""

import logging
import tempfile
from dataclasses import replace
from pathlib import Path

from data_prep.errors import InputError
from fm.artifact import ArtifactError
from tasks.evaluation.evaluation import evaluate_by_time
from tasks.evaluation.measurements import Ranking
from tasks.run import failure, run_files
from tasks.run.catalogue import Catalogue
from tasks.run.errors import TaskError
from tasks.run.payloads import EvaluateModelEvent, ModelByTime
from tasks.run.run_paths import Run

logger = logging.getLogger(__name__)


def beside(first: Ranking, run: Run, event: EvaluateModelEvent) -> Ranking:
    """Return the first model's ranking with that of the second one, or with why there is none.

    A second model that is missing or damaged must not keep the first one from being judged.

    Args:
        first: how good the lists of the run's own model are.
        run: the run of both.
        event: whether there was to be a second model, and what became of it.
    """
    why_not = event["prepared"]["not_by_time"]
    if why_not is None:
        try:
            return replace(first, by_time=_evaluate(run.by_time(), event["by_time"]))
        except (TaskError, InputError, ArtifactError) as error:
            why_not = str(error)
            logger.warning("the second model is not judged: %s", why_not)
    return replace(first, not_by_time=why_not)


def _evaluate(run: Run, second: ModelByTime) -> Ranking:
    if "trained" not in second:
        notice = failure.describe(second["failure"])
        raise TaskError(f"{notice['error']}: {notice['cause']}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        catalogue = Catalogue.build(run_files.fetch_encoder(run, folder))
        held_out = run_files.fetch_held_out(run, folder)
        model = run_files.fetch_model(second["trained"]["model_data_url"], folder)
        return evaluate_by_time(model, catalogue, held_out)
