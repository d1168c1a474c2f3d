"""What the report calls systems and metrics."""

from collections.abc import Mapping

from tasks.evaluation.comparison import System
from tasks.run.metric import Metric

# Those that it shows, in order: the constant is not drawn.
SYSTEM_NAMES: Mapping[System, str] = {
    "model": "this model",
    "live": "live model",
    "ease": "EASE",
    "item_knn": "item-kNN",
    "bias_only": "biases only",
    "baseline": "popularity",
}
FAMILY_NAMES = {
    "auc": "AUC",
    "log_loss": "log loss",
    "accuracy": "accuracy",
    "f1": "F1",
    "ece": "calibration error (ECE)",
    "rmse": "RMSE",
    "mae": "MAE",
    "precision": "precision",
    "recall": "recall",
    "ndcg": "NDCG",
    "map": "MAP",
    "hit_rate": "hit rate",
    "coverage": "coverage of the catalogue",
    "novelty": "novelty (bits)",
}


def metric_name(metric: Metric) -> str:
    """Return the metric's name for people: `ndcg@10` is "NDCG at 10"."""
    name = FAMILY_NAMES[metric.family]
    return f"{name} at {metric.cutoff}" if metric.ranks else name
