"""The evaluation of a run's model: its files are fetched, and what is live beside them."""

import tempfile
from pathlib import Path

from tasks.evaluation import live_model
from tasks.evaluation.scores import Evaluation, evaluate
from tasks.run import run_files
from tasks.run.catalogue import Catalogue
from tasks.run.run_paths import Run


def evaluate_run(run: Run, model_data_url: str, stack_name: str) -> tuple[Catalogue, Evaluation]:
    """Return the run's users and items, and the evaluation of the artifact that it trained.

    Args:
        run: whose rows, manifest and vocabulary are read.
        model_data_url: the artifact.
        stack_name: the Serving stack's, which says which model is live.

    Raises:
        InvalidInputError: files of the run are missing or damaged.
        ModelRejected: not every score of the model is a finite number.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        catalogue = Catalogue.build(run_files.fetch_encoder(run, folder))
        evaluation = evaluate(
            run_files.fetch_model(model_data_url, folder),
            run_files.fetch_rows(run, "train"),
            run_files.fetch_rows(run, "test"),
            catalogue,
            live_model.fetch(stack_name, folder / "data", folder / "live"),
        )
    return catalogue, evaluation
