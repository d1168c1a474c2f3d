"""The default hyperparameters against SageMaker's own, on MovieLens-100K and on planted data.

`python -m bench.defaults`, from the repository's root, prints the table of docs/measurements.md;
with `--around` what becomes of the loss on a validation part, a tenth of the training rows, when
one of the defaults is doubled or halved. Jobs run as SageMaker would run them, in
`local.fm_container`.
"""

import argparse
import contextlib
import io
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lambda"))

from bench import job_folder, movielens
from bench.job_folder import Rows
from data_prep import recordio
from data_prep.column_settings import Columns
from data_prep.preparation import prepare
from data_prep.settings import Label, PredictorType, PrepareSettings
from data_prep.synthetic import PlantedFM
from fm import artifact, metrics, scoring
from fm.model import BINARY, REGRESSOR
from local.fm_container.opt_ml import OptMl
from local.fm_container.training import train
from tasks.run.hyperparameters import DEFAULTS

Settings = Mapping[str, int | float | str]
SEEDS = 3
SAGEMAKER = {"num_factors": 64, "mini_batch_size": 1000}
TABLE: tuple[tuple[str, Settings], ...] = (
    ("ours", DEFAULTS),
    ("ours", {**DEFAULTS, "epochs": 50}),
    ("SageMaker's", {**SAGEMAKER, "epochs": 20}),
    ("SageMaker's", {**SAGEMAKER, "epochs": 100}),
)
PARTS = ("train", "test")
COLUMNS = Columns(user="user_id", item="item_id", label="label")


class Data(NamedTuple):
    """A data set of one predictor type.

    Attributes:
        name: What the data are called.
        predictor_type: What to train.
        train: Rows to train on.
        test: Rows to measure on.
    """

    name: str
    predictor_type: PredictorType
    train: Rows
    test: Rows


def movielens_file(path: Path) -> None:
    """Write MovieLens-100K's ratings as CSV."""
    ratings = movielens.ratings()
    table = np.column_stack([ratings.users, ratings.items, ratings.ratings])
    np.savetxt(path, table, "%d", delimiter=",", header="user_id,item_id,label", comments="")


def planted_file(path: Path) -> None:
    """Write planted interactions as CSV."""
    best = PlantedFM().write(path)
    text = path.read_text().replace("interaction", "label", 1)
    path.write_text(text)
    say(f"best attainable on all planted rows: log loss {best.log_loss:.4f}, AUC {best.auc:.4f}")


def data_sets(folder: Path) -> Iterator[Data]:
    """Yield MovieLens-100K for both predictor types, and planted interactions, split 80 to 20."""
    movielens_file(folder / "ml.csv")
    planted_file(folder / "planted.csv")
    for name, source, predictor_type, label in (
        ("MovieLens-100K", "ml.csv", BINARY, Label(positive_at_least=4)),
        ("planted", "planted.csv", BINARY, Label()),
        ("MovieLens-100K", "ml.csv", REGRESSOR, Label()),
    ):
        out = folder / f"{source}-{predictor_type}"
        settings = PrepareSettings(columns=COLUMNS, label=label, predictor_type=predictor_type)
        prepare([folder / source], out, settings)
        yield Data(name, predictor_type, *(_read(out / f"{part}.recordio") for part in PARTS))


def _read(path: Path) -> Rows:
    with path.open("rb") as file:
        features, labels = recordio.read(file)
    if labels is None:
        raise ValueError(f"{path} has no labels")
    return features, labels


def validation(data: Data) -> Data:
    """Leave the test rows out: train on nine tenths of the training rows, measure on the rest."""
    features, labels = data.train
    held_out = np.random.default_rng(1).random(len(labels)) < 0.1
    parts = [(features[mask], labels[mask]) for mask in (~held_out, held_out)]
    return data._replace(train=parts[0], test=parts[1])


def run(data: Data, settings: Settings, seed: int) -> dict[str, float]:
    """Train one job and return its metrics on the test rows."""
    features, labels = data.test
    sizes = {"feature_dim": features.shape[1], "predictor_type": data.predictor_type}
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        job_folder.write(root, {**settings, **sizes}, {"train": data.train})
        with contextlib.redirect_stdout(io.StringIO()):
            train(OptMl(root), seed)
        model = artifact.read_model_file(root / "model" / artifact.MODEL_FILE)
    scores = scoring.scores(model, features)
    if data.predictor_type == REGRESSOR:
        return {"rmse": metrics.rmse(labels, scores), "mae": metrics.mae(labels, scores)}
    return {"log loss": metrics.log_loss(labels, scores), "auc": metrics.auc(labels, scores)}


def mean(data: Data, settings: Settings, seeds: int) -> dict[str, tuple[float, float]]:
    """Return each metric's mean and standard deviation over jobs with other initial numbers."""
    jobs = [run(data, settings, seed) for seed in range(seeds)]
    columns = {name: [job[name] for job in jobs] for name in jobs[0]}
    return {name: (float(np.mean(each)), float(np.std(each))) for name, each in columns.items()}


def say(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def table(data: Data) -> None:
    """Print the metrics of our defaults and SageMaker's on the test rows."""
    for name, settings in TABLE:
        metric_values = mean(data, settings, SEEDS)
        numbers = "   ".join(f"{key} {m:.4f} +- {s:.4f}" for key, (m, s) in metric_values.items())
        say(f"  {name:12} {settings['epochs']:4} epochs   {numbers}")


def around(data: Data) -> None:
    """Print what one default doubled or halved changes on the validation rows."""
    split = validation(data)
    (loss, best), *_ = ((key, m) for key, (m, _) in mean(split, DEFAULTS, SEEDS).items())
    say(f"  ours: {loss} {best:.4f}")
    for key, value in DEFAULTS.items():
        for factor in (0.5, 2):
            changed = type(value)(float(value) * factor)
            other = mean(split, {**DEFAULTS, key: changed}, 1)[loss][0]
            say(f"  {key} {changed:g}: {other - best:+.4f}")


def main() -> None:
    """Run the measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--around", action="store_true", help="change one default at a time")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        for data in data_sets(Path(name)):
            say(f"{data.name}, {data.predictor_type}")
            (around if options.around else table)(data)


if __name__ == "__main__":
    main()
