"""Exact recommendations at the size of MovieLens-25M: 162,541 users, 59,047 items, 64 factors.

`python -m bench.lists`, from the repository's root. The model is for ranking, with histories of 50
items. The interactions are random, 55 likes a user, and so are the model's numbers: no step's time
depends on them.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as the functions have it; numpy reads it once
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lambda"))

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from data_prep.column_settings import Columns
from data_prep.encoder import Encoder
from data_prep.preparation import prepare
from data_prep.settings import History, Negatives, PrepareSettings, Split
from fm.model import Model
from fm.top_n import ItemBlock
from tasks import recommend
from tasks.recommending import list_shards
from tasks.recommending.function_url import Request
from tasks.recommending.recommender import Recommender
from tasks.run.catalogue import Catalogue

USERS, ITEMS, FACTORS, TOP_N = 162_541, 59_047, 64, 10
LIKES, HISTORY = 55, 50
REQUESTS = 500
COLUMNS = Columns(user="user_id", item="item_id")


def make_encoder(folder: Path) -> Encoder:
    """Prepare likes in which every user and every item occurs."""
    rng = np.random.default_rng(1)
    users = np.repeat(np.arange(USERS), LIKES)
    items = rng.integers(ITEMS, size=(USERS, LIKES))
    items[:, -1] = np.arange(USERS) % ITEMS
    columns = {
        "user_id": pa.array(users).cast(pa.string()),
        "item_id": pa.array(items.ravel()).cast(pa.string()),
    }
    source = folder / "likes.parquet"
    pq.write_table(pa.table(columns), source)
    # All likes are in the histories, but only each user's last is a row: nothing is trained here.
    settings = PrepareSettings(
        columns=COLUMNS,
        purpose="ranking",
        history=History(most=HISTORY),
        negatives=Negatives(per_positive=1),
        most_positives=1,
        split=Split(test_fraction=0.001, strangers=0),
    )
    prepare([source], folder / "data", settings)
    return Encoder.load(folder / "data")


def make_model(feature_dim: int) -> Model:
    """Return a model of random numbers."""
    rng = np.random.default_rng(2)
    linear = rng.normal(size=feature_dim).astype(np.float32)
    factors = rng.normal(0, 0.1, (feature_dim, FACTORS)).astype(np.float32)
    return Model(0.1, linear, factors, "binary_classifier")


def milliseconds(call: Callable[[int], object]) -> tuple[float, float]:
    """Return the median and the 99th percentile of one call's time, once it is warm."""
    taken = []
    for number in range(REQUESTS):
        started = time.perf_counter()
        call(number)
        taken.append(1000 * (time.perf_counter() - started))
    p50, p99 = np.percentile(taken[REQUESTS // 10 :], [50, 99])
    return float(p50), float(p99)


def one_user(model: Model, catalogue: Catalogue) -> tuple[float, float]:
    """Time one user's top ten out of the whole catalogue, without what they have seen."""
    block = ItemBlock(model, catalogue.item_rows)
    users = np.arange(REQUESTS)
    contexts = [catalogue.user_rows(users[[user]]) for user in users]
    seen = catalogue.seen(users)
    return milliseconds(lambda user: block.top_n(contexts[user], TOP_N, exclude=[seen[user]]))


def through_the_function(model: Model, encoder: Encoder) -> tuple[float, float]:
    """Time a request to the recommend function's handler, from JSON to JSON."""
    recommender = Recommender.build(model, encoder)

    class Live:
        def get(self) -> tuple[str, Recommender]:
            return "s3://bench/model.tar.gz", recommender

    live: Any = Live()
    recommend.live_recommender = cache(lambda: live)

    def ask(user: int) -> None:
        body = json.dumps({"user": encoder.user_ids[user], "n": TOP_N})
        event: Request = {"requestContext": {"http": {"method": "POST"}}, "body": body}
        context: Any = None
        answer = recommend.handler(event, context)
        assert answer["statusCode"] == 200, answer["body"]  # noqa: S101

    return milliseconds(ask)


def all_users(model: Model, catalogue: Catalogue, folder: Path) -> tuple[float, float]:
    """Time everyone's top ten, in seconds: computed, and written to both kinds of files too."""
    started = time.perf_counter()
    for _ in list_shards.everyone(model, catalogue, TOP_N):
        pass
    computed = time.perf_counter() - started
    started = time.perf_counter()
    batches = list_shards.everyone(model, catalogue, TOP_N)
    for files in list_shards.write(batches, folder, {}):
        for path in files:
            path.unlink()
    return computed, time.perf_counter() - started


def main() -> None:
    """Run the benchmark."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        encoder = make_encoder(folder)
        model, catalogue = make_model(encoder.feature_dim), Catalogue.build(encoder)
        sys.stdout.write(
            f"{catalogue.users:,} users, {catalogue.items:,} items, {FACTORS} factors, "
            f"top {TOP_N}\n"
        )
        for what, (p50, p99) in (
            ("one user", one_user(model, catalogue)),
            ("through the function", through_the_function(model, encoder)),
        ):
            sys.stdout.write(f"{what:22} p50 {p50:7.3f} ms   p99 {p99:7.3f} ms\n")
        computed, written = all_users(model, catalogue, folder / "out")
        sys.stdout.write(
            f"all users              {computed:7.1f} s   written as JSON Lines and Parquet "
            f"{written:.1f} s\n"
        )


if __name__ == "__main__":
    main()
