"""The evaluation of a run's model: its files are fetched, and what is live beside them."""

import tempfile
from pathlib import Path

from fm.model import Model
from tasks.evaluation import live_model
from tasks.evaluation.contenders import Live
from tasks.evaluation.evaluation import Evaluation, evaluate
from tasks.evaluation.scores import Scored, score
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
        live = live_model.fetch(stack_name, folder / "data", folder / "live")
        held_out = run_files.fetch_held_out(run, folder)
        # The rows are large, and gone before the item-item weights, which are large, too.
        scored = _score(run, run_files.fetch_model(model_data_url, folder), catalogue, live)
        return catalogue, evaluate(scored, catalogue, held_out, live)


def _score(run: Run, model: Model, catalogue: Catalogue, live: Live) -> Scored:
    # A weight for each item of a history could not change a list's order, and each row has many:
    # biases and popularity learn from the rows without.
    train = run_files.fetch_rows(run, "train", leave_out=catalogue.history_field)
    test = run_files.fetch_rows(run, "test")
    return score(model, train, test, catalogue, live.contender)
