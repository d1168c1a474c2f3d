"""Everyone's recommendations by a deployed model, as files beside its run's other files."""

import tempfile
from pathlib import Path

from contract import s3_layout
from tasks.recommending import list_shards
from tasks.run import run_files, s3
from tasks.run.catalogue import Catalogue
from tasks.run.payloads import PublishedRecommendations
from tasks.run.run_paths import Run


def publish(model_data_url: str, top_n: int) -> PublishedRecommendations:
    """Write the `top_n` best unseen items of every user to the run's recommendations.

    Shards go to `json/` and `parquet/` one after the other; none waits on disk for the next.

    Raises:
        InvalidInputError: no run wrote the artifact, or files of the run are missing.
    """
    run = Run.of_model(model_data_url)
    uri = run.uri(s3_layout.RECOMMENDATIONS)
    shards = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = run_files.fetch_model(model_data_url, folder)
        catalogue = Catalogue.build(run_files.fetch_encoder(run, folder))
        out = folder / "recommendations"
        lists = list_shards.everyone(model, catalogue, top_n)
        for files in list_shards.write(lists, out, catalogue.encoder.titles):
            s3.upload_folder(out, uri)
            for path in files:
                path.unlink()
            shards += 1
    return {"uri": uri, "users": catalogue.users, "top_n": top_n, "shards": shards}
