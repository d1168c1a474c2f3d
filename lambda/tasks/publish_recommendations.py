"""PublishRecommendations: the best unseen items of every user, as JSON Lines in S3."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from data_prep.encoder import Encoder
from fm.model import Model
from fm.recommend import ItemBlock
from tasks import run_files, storage
from tasks.evaluation import Rows
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
        train = run_files.fetch_rows(run, "train", folder)
        out = folder / "recommendations"
        out.mkdir()
        with (out / "part-00000.jsonl").open("w", encoding="utf-8") as file:
            users = sum(1 for line in lines(model, encoder, train) if file.write(line))
        storage.upload_folder(out, run.uri("recommendations/"))
    logger.info("recommendations published", users=users)
    return {"uri": run.uri("recommendations/"), "users": users, "top_n": TOP_N}
