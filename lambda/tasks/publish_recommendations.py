"""PublishRecommendations: the best unseen items of every user, as files in S3."""

import tempfile
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from tasks.recommending import shards as recommendation_shards
from tasks.run import files as run_files
from tasks.run import s3
from tasks.run.catalogue import Catalogue
from tasks.run.run_paths import Run

logger = Logger(service="PublishRecommendations")
TOP_N = 20


def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Return where the recommendations are and for how many users.

    Shards go to `json/` and `parquet/` one after the other; none waits on disk for the next.
    """
    model_data_url = event["deployment"]["model_data_url"]
    run = Run.of_model(model_data_url)
    uri = run.uri("recommendations/")
    shards = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = run_files.fetch_model(model_data_url, folder)
        catalogue = Catalogue(run_files.fetch_encoder(run, folder))
        out = folder / "recommendations"
        batches = recommendation_shards.everyone(model, catalogue, TOP_N)
        for files in recommendation_shards.write(batches, out):
            s3.upload_folder(out, uri)
            for path in files:
                path.unlink()
            shards += 1
    logger.info("recommendations published", users=catalogue.users, shards=shards)
    return {"uri": uri, "users": catalogue.users, "top_n": TOP_N, "shards": shards}
