"""The model that is live, made comparable with a new run's model."""

import logging
from pathlib import Path

from data_prep.errors import InputError
from data_prep.manifest import Manifest
from fm.artifact import ArtifactError
from tasks.evaluation.contenders import Contender, Live
from tasks.evaluation.translation import Translation
from tasks.rollout import serving_stack, stack_status
from tasks.run import run_files
from tasks.run.errors import InvalidInputError
from tasks.run.run_paths import Run

logger = logging.getLogger(__name__)


def fetch(stack_name: str, run_data: Path, folder: Path) -> Live:
    """Return the live model and the translation of a new run's rows into its columns.

    A live model that cannot be read or compared must not keep a new one from replacing it.

    Args:
        stack_name: the Serving stack's.
        run_data: the folder with the new run's manifest and vocabulary.
        folder: where the live model's files may be left.
    """
    url = stack_status.model_data_url(serving_stack.describe(stack_name))
    if not url:
        return Live()
    try:
        model = run_files.fetch_model(url, folder)
        live_data = run_files.fetch_vocabulary(Run.of_model(url), folder)
        why_not = different(Manifest.load(run_data), Manifest.load(live_data))
        if why_not is None:
            return Live(Contender(model, Translation.load(run_data, live_data)))
    except (InvalidInputError, InputError, ArtifactError) as error:
        why_not = str(error)
    logger.warning("the live model is not compared: %s", why_not)
    return Live(why_not=why_not)


def different(ours: Manifest, theirs: Manifest) -> str | None:
    """Return why models of two preparations cannot be compared on the same rows, or None."""
    if ours.predictor_type != theirs.predictor_type:
        return f"it is a {theirs.predictor_type}, and this model is a {ours.predictor_type}"
    know = {
        manifest.purpose: "history" if manifest.field("user").kind == "history" else "id"
        for manifest in (theirs, ours)
    }
    if len(set(know.values())) > 1:
        return (
            f"it is for {theirs.purpose} and knows users by their {know[theirs.purpose]}, and this "
            f"model is for {ours.purpose} and knows them by their {know[ours.purpose]}"
        )
    return None
