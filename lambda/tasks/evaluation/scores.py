"""How a model and what it must beat score the same held-out rows; numbers only, no AWS."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fm import bias_only, bootstrap, calibration, metrics, weighted_metrics
from fm.arrays import Float32s, Float64s, Int64s
from fm.model import BINARY, Model
from fm.weighted_metrics import Statistic
from tasks.evaluation import baselines
from tasks.evaluation.comparison import Comparison, System, compare
from tasks.evaluation.contenders import Contender
from tasks.run.catalogue import Catalogue
from tasks.run.errors import ModelRejected
from tasks.run.rows import Rows

Scores = Mapping[System, Float32s]


@dataclass(frozen=True, eq=False)
class Scored:
    """The scores of each system on the held-out rows, and what else only the rows tell.

    Attributes:
        labels: of the held-out rows, shape (n,).
        scores: of the same rows, by system: "model", "baseline" (popularity), "bias_only",
            "constant" (training's mean label), and "live" if there is one to compare with.
        comparison: of the scores.
        contenders: those of the systems that are models.
        liked_from: the least label that says that an item was liked.
        item_likes: how many training rows say so of each item, shape (items,).
    """

    labels: Float32s
    scores: Scores
    comparison: Comparison
    contenders: Mapping[System, Contender]
    liked_from: float
    item_likes: Int64s


def score(
    model: Model, train: Rows, test: Rows, catalogue: Catalogue, live: Contender | None = None
) -> Scored:
    """Score the held-out rows by the model and by what it is compared with.

    Args:
        model: the new model.
        train: the training rows, from which popularity and biases learn.
        test: the held-out rows.
        catalogue: the run's users and items.
        live: the model that is live, if it can be compared.

    Raises:
        ModelRejected: not every score of the model is a finite number.
    """
    items = catalogue.item_columns
    mean = float(train.labels.mean(dtype=np.float64))
    liked_from = 1.0 if model.predictor_type == BINARY else mean
    new = Contender(model)
    scores: dict[System, Float32s] = {"model": new.scores(test.features)}
    _require_finite(scores["model"])
    biases = bias_only.fit(train.features, train.labels, model.predictor_type)
    others: dict[System, Contender] = {"bias_only": Contender(biases)}
    if live is not None:
        others["live"] = live
    scores |= {system: other.scores(test.features) for system, other in others.items()}
    scores["baseline"] = baselines.popularity(train, test, items)
    scores["constant"] = np.full(len(test.labels), mean, np.float32)
    return Scored(
        test.labels,
        scores,
        _compare(model.predictor_type, test.labels, scores),
        {"model": new, **others},
        liked_from,
        baselines.item_likes(train, np.asarray(train.labels >= liked_from), items),
    )


def _compare(predictor_type: str, labels: Float32s, scores: Scores) -> Comparison:
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
