"""The model that is live, made comparable with a new run's model."""

import logging
from pathlib import Path

from data_prep.errors import InputError
from fm.artifact import ArtifactError
from tasks.evaluation.baselines import Contender
from tasks.evaluation.translation import Translation
from tasks.rollout import serving_stack, stack_status
from tasks.run import run_files
from tasks.run.errors import InvalidInputError
from tasks.run.run_paths import Run

logger = logging.getLogger(__name__)


def fetch(stack_name: str, run_data: Path, folder: Path) -> Contender | None:
    """Return the live model and the translation of a new run's rows into its columns.

    Args:
        stack_name: the Serving stack's.
        run_data: the folder with the new run's manifest and vocabulary.
        folder: where the live model's files may be left.

    Returns:
        None when nothing is live, or when what is live cannot be read any more: it must not keep
        a new model from replacing it.
    """
    url = stack_status.model_data_url(serving_stack.describe(stack_name))
    if not url:
        return None
    try:
        model = run_files.fetch_model(url, folder)
        vocabulary = run_files.fetch_vocabulary(Run.of_model(url), folder)
        return Contender(model, Translation.load(run_data, vocabulary))
    except (InvalidInputError, InputError, ArtifactError) as error:
        logger.warning("the live model is not compared: %s", error)
        return None
