"""Ten training jobs on MovieLens-100K against the scores of real SageMaker jobs.

`python -m bench.acceptance`, from the repository's root. The data are GroupLens' `ua` split,
shuffled; 64 factors, batches of 1000, 100 epochs, everything else as SageMaker has it. The bounds
are those of published logs of real jobs, give or take three to four of their standard deviations;
the first epoch's train scores are so narrow that they bind the mean of the jobs.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from bench import movielens
from data_prep import recordio

ROOT = Path(__file__).resolve().parent.parent
SEEDS = 10
HYPERPARAMETERS = {
    "feature_dim": "2625",
    "num_factors": "64",
    "predictor_type": "binary_classifier",
    "mini_batch_size": "1000",
    "epochs": "100",
}
BOUNDS = {  # pattern of the log line: (real jobs, allowed difference)
    r"test binary_classification_accuracy <score>=(\S+)": (0.695, 0.012),
    r"test binary_classification_cross_entropy <loss>=(\S+)": (0.579, 0.006),
    r"test binary_f_1.000 <score>=(\S+)": (0.737, 0.025),
    r"epoch=0, train binary_classification_accuracy <score>=(\S+)": (0.5484, 0.0005),
    r"epoch=0, train binary_classification_cross_entropy <loss>=(\S+)": (0.6840, 0.0008),
}


def write_channel(root: Path, name: str, ratings: movielens.Ratings, rows: Any) -> None:
    """The chosen rows of the ratings as the channel `name`."""
    n = len(rows)
    columns = np.stack([ratings.users[rows], movielens.USERS + ratings.items[rows]], 1).ravel()
    entries = (np.ones(2 * n, np.float32), columns, np.arange(0, 2 * n + 1, 2))
    features = sparse.csr_array(entries, shape=(n, movielens.USERS + movielens.ITEMS))
    labels = (ratings.ratings[rows] >= 4).astype(np.float32)
    folder = root / "input" / "data" / name
    folder.mkdir(parents=True)
    with (folder / f"{name}.protobuf").open("wb") as file:
        recordio.write(file, features, labels)


def write_root(root: Path, ratings: movielens.Ratings, seed: int) -> None:
    """A job's folder, its training rows shuffled by the seed."""
    held_out = movielens.ua_split(ratings.users)
    shuffled = np.random.default_rng(seed).permutation(np.flatnonzero(~held_out))
    write_channel(root, "train", ratings, shuffled)
    write_channel(root, "test", ratings, np.flatnonzero(held_out))
    config = root / "input" / "config"
    config.mkdir()
    channel = {"ContentType": "application/x-recordio-protobuf", "TrainingInputMode": "File"}
    for name, content in {
        "hyperparameters": HYPERPARAMETERS,
        "inputdataconfig": {"train": channel, "test": channel},
        "resourceconfig": {"current_host": "algo-1", "hosts": ["algo-1"]},
    }.items():
        (config / f"{name}.json").write_text(json.dumps(content))


def job(ratings: movielens.Ratings, seed: int) -> list[float]:
    """The log's values of the metrics in `BOUNDS`, in their order."""
    with tempfile.TemporaryDirectory() as name:
        write_root(Path(name), ratings, seed)
        command = [
            sys.executable,
            "-m",
            "local.fm_container",
            "train",
            "--root",
            name,
            "--seed",
            str(seed),
        ]
        done = subprocess.run(  # noqa: S603 - our own container
            command, cwd=ROOT, capture_output=True, text=True, check=True
        )
    found = [re.search(rf"#quality_metric: host=\S+, {line}", done.stdout) for line in BOUNDS]
    return [float(match[1]) for match in found if match is not None]


def main() -> int:
    """Run the jobs; returns 1 when one lies outside the bounds."""
    ratings = movielens.ratings()
    jobs = np.array([job(ratings, seed) for seed in range(SEEDS)])
    failed = False
    for (line, (real, allowed)), values in zip(BOUNDS.items(), jobs.T, strict=True):
        judged = values if line.startswith("test") else values.mean(keepdims=True)
        outside = int(np.sum(np.abs(judged - real) > allowed))
        failed |= outside > 0
        sys.stdout.write(
            f"{line.split(' <')[0]:50} {values.mean():.4f} +- {values.std():.4f}   real {real:.4f} "
            f"+- {allowed:.4f}   {outside} of {len(judged)} outside\n"
        )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
