"""How a model and the popularity baseline score the same held-out rows; numbers only, no AWS."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fm import metrics, scoring
from fm.model import BINARY, Model

_PRIOR_ROWS = 10  # an item seen less often than this counts as mostly average
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Rows:
    """Feature rows (CSR float32, shape (n, d)) and their labels (float32, shape (n,))."""

    features: Any
    labels: Floats


def evaluate(
    model: Model, train: Rows, test: Rows, item_columns: npt.NDArray[np.int64]
) -> dict[str, Any]:
    """Return the test metrics of the model and of the baseline, by the same names.

    The baseline scores a row by its item's mean label in the training part (Laplace-smoothed
    towards the mean of all), whoever the user is: what a list of popular items would do.
    """
    measure = _classification if model.predictor_type == BINARY else _regression
    return {
        "predictor_type": model.predictor_type,
        "rows": len(test.labels),
        "model": measure(test.labels, scoring.scores(model, test.features)),
        "baseline": measure(test.labels, _popularity(train, test, item_columns)),
    }


def _popularity(train: Rows, test: Rows, item_columns: npt.NDArray[np.int64]) -> Floats:
    mean = train.labels.mean(dtype=np.float64)
    items = train.features[:, item_columns]
    sums = items.T @ train.labels.astype(np.float64)
    counts = items.T @ np.ones(len(train.labels))
    smoothed = (sums + _PRIOR_ROWS * mean) / (counts + _PRIOR_ROWS)
    # An item that training never saw has no column among these, and so the mean.
    above_mean = test.features[:, item_columns] @ (smoothed - mean)
    return np.asarray(mean + above_mean, np.float32)


def _classification(labels: Floats, probabilities: Floats) -> dict[str, float]:
    predicted = (probabilities >= 0.5).astype(np.float32)
    return {
        "auc": metrics.auc(labels, probabilities),
        "log_loss": metrics.log_loss(labels, probabilities),
        "accuracy": metrics.accuracy(labels, predicted),
        "f1": metrics.f1(labels, predicted),
    }


def _regression(labels: Floats, predictions: Floats) -> dict[str, float]:
    return {
        "rmse": metrics.rmse(labels, predictions),
        "mae": metrics.mae(labels, predictions),
    }
