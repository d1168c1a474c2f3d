"""The model that is live, made comparable with the run at hand."""

import logging
from pathlib import Path

from data_prep.errors import InputError
from fm.artifact import ArtifactError
from tasks.evaluation.baselines import Contender
from tasks.evaluation.translation import Translation
from tasks.rollout import stack, stack_status
from tasks.run import files
from tasks.run.errors import InvalidInputError
from tasks.run.run_paths import Run

logger = logging.getLogger(__name__)


def fetch(run_data: Path, folder: Path) -> Contender | None:
    """Return the live model with the translation from the run whose manifest is in `run_data`.

    None when nothing is live, or when what is live cannot be read any more: it must not keep a new
    model from replacing it.
    """
    url = stack_status.model_data_url(stack.serving_stack())
    if not url:
        return None
    try:
        model = files.fetch_model(url, folder)
        vocabulary = files.fetch_vocabulary(Run.of_model(url), folder)
        return Contender(model, Translation(run_data, vocabulary))
    except (InvalidInputError, InputError, ArtifactError) as error:
        logger.warning("the live model is not compared: %s", error)
        return None
