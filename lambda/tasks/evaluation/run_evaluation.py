"""The evaluation of a run's model: its files are fetched, what is live, and the second model."""

import tempfile
from dataclasses import replace
from pathlib import Path

from fm.model import Model
from tasks.evaluation import by_time, live_model
from tasks.evaluation.contenders import Live
from tasks.evaluation.evaluation import Evaluation, evaluate
from tasks.evaluation.scores import Scored, score
from tasks.run import run_files
from tasks.run.catalogue import Catalogue
from tasks.run.payloads import EvaluateModelEvent
from tasks.run.run_paths import Run


def evaluate_run(
    run: Run, event: EvaluateModelEvent, stack_name: str
) -> tuple[Catalogue, Evaluation]:
    """Return the run's users and items, and the evaluation of the artifacts that it trained.

    Args:
        run: whose rows, manifest and vocabulary are read.
        event: what was trained.
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
        model = run_files.fetch_model(event["trained"]["model_data_url"], folder)
        # The rows are large, and gone before the item-item weights, which are large, too.
        evaluation = evaluate(_score(run, model, catalogue, live), catalogue, held_out, live)
    measured = evaluation.measurements
    measured = replace(measured, ranking=by_time.beside(measured.ranking, run, event))
    return catalogue, replace(evaluation, measurements=measured)


def _score(run: Run, model: Model, catalogue: Catalogue, live: Live) -> Scored:
    # A weight for each item of a history could not change a list's order, and each row has many:
    # biases and popularity learn from the rows without.
    train = run_files.fetch_rows(run, "train", leave_out=catalogue.history_field)
    test = run_files.fetch_rows(run, "test")
    return score(model, train, test, catalogue, live.contender)
