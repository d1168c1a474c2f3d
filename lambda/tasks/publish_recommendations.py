"""PublishRecommendations: the best unseen items of every user, as JSON Lines in S3."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from data_prep.encoder import Encoder
from fm.model import Model
from fm.recommend import ItemBlock
from tasks import run_files, storage
from tasks.run import Run

logger = Logger(service="PublishRecommendations")
TOP_N = 20
BATCH_USERS = 1024


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return where the recommendations are and for how many users."""
    model_data_url = event["deployment"]["model_data_url"]
    run = Run.of_model(model_data_url)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = run_files.fetch_model(model_data_url, folder)
        encoder = run_files.fetch_encoder(run, folder)
        out = folder / "recommendations"
        out.mkdir()
        with (out / "part-00000.jsonl").open("w", encoding="utf-8") as file:
            users = sum(1 for line in lines(model, encoder) if file.write(line))
        storage.upload_folder(out, run.uri("recommendations/"))
    logger.info("recommendations published", users=users)
    return {"uri": run.uri("recommendations/"), "users": users, "top_n": TOP_N}


def lines(model: Model, encoder: Encoder) -> Iterator[str]:
    """Yield a JSON line for each user: `user`, and `recommendations`, best first.

    Items are named as in the input, and those of the user's own training rows are left out.
    """
    columns = np.asarray(encoder.item_columns)
    block = ItemBlock(model, _one_hot(columns, encoder.feature_dim))
    for start in range(0, len(encoder.user_ids), BATCH_USERS):
        users = encoder.user_ids[start : start + BATCH_USERS]
        contexts = _one_hot(
            np.array([encoder.user_column(user) for user in users]), encoder.feature_dim
        )
        seen = [encoder.seen_items(user) for user in users]
        items, scores = block.top_n(contexts, TOP_N, exclude=seen)
        for row, user in enumerate(users):
            ranked = [
                {"item": encoder.item_ids[item], "score": round(float(score), 6)}
                for item, score in zip(items[row], scores[row], strict=True)
                if item >= 0
            ]
            yield json.dumps({"user": user, "recommendations": ranked}) + "\n"


def _one_hot(columns: npt.NDArray[np.int64], feature_dim: int) -> Any:
    values = np.ones(len(columns), np.float32)
    return sp.csr_array((values, columns, np.arange(len(columns) + 1)), (len(columns), feature_dim))
