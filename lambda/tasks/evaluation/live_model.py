"""The model that is live, made comparable with the run at hand."""

import logging
from pathlib import Path

from data_prep.errors import InputError
from fm.artifact import ArtifactError
from tasks import cloudformation, deployment, run_files
from tasks.contenders import Contender
from tasks.errors import InvalidInputError
from tasks.run import Run
from tasks.translation import Translation

logger = logging.getLogger(__name__)


def fetch(run_data: Path, folder: Path) -> Contender | None:
    """Return the live model with the translation from the run whose manifest is in `run_data`.

    None when nothing is live, or when what is live cannot be read any more: it must not keep a new
    model from replacing it.
    """
    url = deployment.model_data_url(cloudformation.serving_stack())
    if not url:
        return None
    try:
        model = run_files.fetch_model(url, folder)
        vocabulary = run_files.fetch_vocabulary(Run.of_model(url), folder)
        return Contender(model, Translation(run_data, vocabulary))
    except (InvalidInputError, InputError, ArtifactError) as error:
        logger.warning("the live model is not compared: %s", error)
        return None
