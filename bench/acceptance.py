"""Ten training jobs on MovieLens-100K against the scores of real SageMaker jobs.

`python -m bench.acceptance`, from the repository's root. The data are GroupLens' `ua` split,
shuffled; 64 factors, batches of 1000, 100 epochs, everything else at SageMaker's defaults. The
bounds are the values in published logs of real jobs, plus or minus three to four standard
deviations of ours; those of the first epoch's train scores are so narrow that they apply to the
mean of the jobs.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from scipy import sparse

from bench import job_folder, movielens
from fm.arrays import Int64s

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


def channel(ratings: movielens.Ratings, chosen: Int64s) -> job_folder.Rows:
    """Return the feature rows and labels of the chosen ratings."""
    n = len(chosen)
    columns = np.stack([ratings.users[chosen], movielens.USERS + ratings.items[chosen]], 1).ravel()
    entries = (np.ones(2 * n, np.float32), columns, np.arange(0, 2 * n + 1, 2))
    features = sparse.csr_array(entries, shape=(n, movielens.USERS + movielens.ITEMS))
    return features, (ratings.ratings[chosen] >= 4).astype(np.float32)


def write_root(root: Path, ratings: movielens.Ratings, seed: int) -> None:
    """Write a job's folder, its training rows shuffled by the seed."""
    held_out = movielens.ua_split(ratings.users)
    shuffled = np.random.default_rng(seed).permutation(np.flatnonzero(~held_out))
    channels = {
        "train": channel(ratings, shuffled),
        "test": channel(ratings, np.flatnonzero(held_out)),
    }
    job_folder.write(root, HYPERPARAMETERS, channels)


def job(ratings: movielens.Ratings, seed: int) -> list[float]:
    """Train, and return the log's values of the metrics in `BOUNDS`, in their order."""
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
    matches = [re.search(rf"#quality_metric: host=\S+, {line}", done.stdout) for line in BOUNDS]
    return [float(match[1]) for match in matches if match is not None]


def main() -> int:
    """Run the jobs; return 1 when one is outside the bounds."""
    ratings = movielens.ratings()
    jobs = np.array([job(ratings, seed) for seed in range(SEEDS)])
    failed = False
    for (line, (real, allowed)), values in zip(BOUNDS.items(), jobs.T, strict=True):
        measured = values if line.startswith("test") else values.mean(keepdims=True)
        outside = int(np.sum(np.abs(measured - real) > allowed))
        failed |= outside > 0
        sys.stdout.write(
            f"{line.split(' <')[0]:50} {values.mean():.4f} +- {values.std():.4f}   real {real:.4f} "
            f"+- {allowed:.4f}   {outside} of {len(measured)} outside\n"
        )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
