"""How a model and what it must beat score the same held-out rows; numbers only, no AWS."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fm import bias_only, bootstrap, calibration, metrics, scoring, weighted_metrics
from fm.arrays import Bools, Float32s, Float64s
from fm.model import BINARY, Model
from fm.weighted_metrics import Statistic
from tasks.evaluation import baselines, ranking
from tasks.evaluation.baselines import Contender
from tasks.evaluation.comparison import Comparison, System, compare
from tasks.evaluation.measurements import Measurements
from tasks.run.catalogue import Catalogue
from tasks.run.errors import ModelRejected
from tasks.run.rows import Rows

Scores = Mapping[System, Float32s]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The scores of each system on the held-out rows, and what they amount to.

    Attributes:
        labels: of the held-out rows, shape (n,).
        scores: of the same rows, by system: "model", "baseline" (popularity), "bias_only",
            "constant" (training's mean label), and "live" if there is a live model of the same
            predictor type.
        measurements: all metrics of all systems.
    """

    labels: Float32s
    scores: Scores
    measurements: Measurements


def evaluate(
    model: Model, train: Rows, test: Rows, catalogue: Catalogue, live: Contender | None = None
) -> Evaluation:
    """Score and rank the held-out rows by the model and by what it is compared with.

    Args:
        model: the new model.
        train: the training rows, from which the baselines learn.
        test: the held-out rows.
        catalogue: the run's users and items.
        live: the model that is live; not compared if it is of the other predictor type.

    Raises:
        ModelRejected: not every score of the model is a finite number.
    """
    item_columns = np.asarray(catalogue.encoder.item_columns)
    mean = float(train.labels.mean(dtype=np.float64))
    liked_from = 1.0 if model.predictor_type == BINARY else mean
    biases = bias_only.fit(train.features, train.labels, model.predictor_type)
    popular = baselines.most_popular(train, _liked(train, liked_from), item_columns)
    contenders: dict[System, Contender] = {
        "model": Contender(model),
        "baseline": Contender(popular),
        "bias_only": Contender(biases),
    }
    scores: dict[System, Float32s] = {
        "model": scoring.scores(model, test.features),
        "baseline": baselines.popularity(train, test, item_columns),
        "bias_only": scoring.scores(biases, test.features),
        "constant": np.full(len(test.labels), mean, np.float32),
    }
    _require_finite(scores["model"])
    if live is not None and live.model.predictor_type == model.predictor_type:
        contenders["live"] = live
        scores["live"] = scoring.scores(live.model, live.translate(test.features))
    relevant = ranking.relevant_items(test, _liked(test, liked_from), catalogue)
    measurements = Measurements(
        model.predictor_type,
        len(test.labels),
        _compare_scores(model.predictor_type, test.labels, scores),
        ranking.evaluate(contenders, relevant, catalogue),
    )
    return Evaluation(test.labels, scores, measurements)


def _liked(rows: Rows, liked_from: float) -> Bools:
    return np.asarray(rows.labels >= liked_from)


def _compare_scores(predictor_type: str, labels: Float32s, scores: Scores) -> Comparison:
    binary = predictor_type == BINARY
    names = weighted_metrics.CLASSIFICATION if binary else weighted_metrics.REGRESSION
    exact = _classification if binary else _regression
    weighted = weighted_metrics.classification if binary else weighted_metrics.regression
    statistics: dict[str, Statistic] = {
        system: weighted(labels, of_system) for system, of_system in scores.items()
    }
    replicates = bootstrap.replicates(statistics, len(labels))
    values = {system: exact(labels, of_system) for system, of_system in scores.items()}
    return compare(names, values, {system: replicates[system] for system in values})


def _require_finite(scores: Float32s) -> None:
    lost = int(np.sum(~np.isfinite(scores)))
    if lost:
        raise ModelRejected(
            f"the model's scores of {lost:,} of {len(scores):,} held-out rows are not finite: "
            "training diverged; lower linear_lr and factors_lr; nothing was deployed"
        )


def _classification(labels: Float32s, probabilities: Float32s) -> Float64s:
    predicted = (probabilities >= 0.5).astype(np.float32)
    one_class = len(np.unique(labels)) < 2
    return np.array(
        [
            float("nan") if one_class else metrics.auc(labels, probabilities),
            metrics.log_loss(labels, probabilities),
            metrics.accuracy(labels, predicted),
            metrics.f1(labels, predicted),
            calibration.expected_calibration_error(labels, probabilities),
        ]
    )


def _regression(labels: Float32s, predictions: Float32s) -> Float64s:
    return np.array([metrics.rmse(labels, predictions), metrics.mae(labels, predictions)])
