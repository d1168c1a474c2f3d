"""Recommendations from the live endpoint: what the user has not had, scored and sorted."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import numpy.typing as npt

from data_prep.encoder import Encoder
from fm import request

REQUEST_LIMIT_BYTES = 5_000_000  # InvokeEndpoint takes 6 MB


@dataclass(frozen=True)
class Recommendation:
    """An item, named as in the input, and the endpoint's score for it."""

    item: str
    score: float


class LiveRecommender:
    """Asks one endpoint, with the vocabulary of the run that trained its model."""

    def __init__(self, endpoint_name: str, model_data_url: str) -> None:
        self._endpoint_name = endpoint_name
        with tempfile.TemporaryDirectory() as folder:
            self.encoder = fetch_encoder(model_data_url, Path(folder))

    def recommend(self, user: str, n: int) -> list[Recommendation]:
        """Return the `n` best items that `user` has not had in training, best first.

        A user whom training never saw gets what the out-of-vocabulary column learned, which is
        what the average new user would like.
        """
        seen = set(self.encoder.seen_items(user).tolist())
        items = [item for at, item in enumerate(self.encoder.item_ids) if at not in seen]
        scores = self._ask(self.encoder.encode([user] * len(items), items))
        best = np.argsort(-scores, kind="stable")[:n]
        return [Recommendation(items[index], float(scores[index])) for index in best]

    def _ask(self, rows: Any) -> npt.NDArray[np.float32]:
        runtime = boto3.client("sagemaker-runtime")
        answers = [
            runtime.invoke_endpoint(
                EndpointName=self._endpoint_name, ContentType=request.CONTENT_TYPE, Body=body
            )["Body"].read()
            for body in request.chunks(rows, REQUEST_LIMIT_BYTES)
        ]
        return np.concatenate([request.parse_scores(answer) for answer in answers])


def fetch_encoder(model_data_url: str, folder: Path) -> Encoder:
    """Return the encoder of the run that trained the artifact at `model_data_url`."""
    bucket, _, key = model_data_url.removeprefix("s3://").partition("/")
    data = "/".join(key.split("/")[:2]) + "/data/"
    s3 = boto3.client("s3")
    keys = [f"{data}manifest.json"]
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{data}vocabulary/")
    keys += [entry["Key"] for page in pages for entry in page.get("Contents", [])]
    for name in keys:
        target = folder / name.removeprefix(data)
        target.parent.mkdir(parents=True, exist_ok=True)
        s3.download_file(bucket, name, str(target))
    return Encoder.load(folder)
