"""The best that any model can reach on planted interactions: the scores of the true model."""

import tempfile
from pathlib import Path

import boto3
import numpy as np

from commands.recommendations import fetch_encoder
from data_prep import recordio
from data_prep.generate import PlantedFM
from fm import metrics


def best_attainable(planted: PlantedFM, model_data_url: str) -> dict[str, float]:
    """Return the metrics that the true probabilities reach on the run's own held-out rows."""
    bucket, _, key = model_data_url.removeprefix("s3://").partition("/")
    with tempfile.TemporaryDirectory() as name:
        encoder = fetch_encoder(model_data_url, Path(name))
        path = Path(name) / "test.recordio"
        test = "/".join(key.split("/")[:2]) + "/data/test.recordio"
        boto3.client("s3").download_file(bucket, test, str(path))
        with path.open("rb") as file:
            rows, labels = recordio.read(file)
    assert labels is not None  # noqa: S101  PrepareData writes every row with its label
    keys = rows.indices.reshape(-1, 2)  # a row is its user's column and its item's
    names = dict(zip(encoder.user_columns.tolist(), encoder.user_ids, strict=True))
    names |= dict(zip(encoder.item_columns.tolist(), encoder.item_ids, strict=True))
    known = np.array([user in names and item in names for user, item in keys.tolist()])
    users = [names[user] for user in keys[known, 0].tolist()]
    items = [names[item] for item in keys[known, 1].tolist()]
    truth = planted.probability(users, items).astype(np.float32)
    return {
        "auc": metrics.auc(labels[known], truth),
        "log_loss": metrics.log_loss(labels[known], truth),
    }
