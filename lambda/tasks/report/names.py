"""What the report calls systems and metrics."""

SYSTEMS = {
    "model": "this model",
    "live": "live model",
    "bias_only": "biases only",
    "baseline": "popularity",
}
METRICS = {
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


def metric_name(metric: str) -> str:
    """The metric's name for people: `ndcg@10` is "NDCG at 10"."""
    base, _, cutoff = metric.partition("@")
    return f"{METRICS[base]} at {cutoff}" if cutoff else METRICS[base]
