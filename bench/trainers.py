"""Trainers of factorization machines side by side: speed, time to equal quality, and scaling.

`python -m bench.trainers [--quick]`, from the repository's root. Peers run in environments of
their own, build/mxnet-env and build/bench-env, and are left out where those are missing.
"""

import argparse
import tempfile
from pathlib import Path

from bench.library import Result, missing, run, say, write_movielens, write_planted
from bench.library_settings import BATCH, CHOSEN, TARGET

EPOCHS = {  # to measure speed over
    "factorstack": 10,
    "mxnet": 2,
    "modern_fm": 3,
    "modern_fm_adam": 2,
    "xlearn": 6,
    "myfm": 10,
    "implicit": 15,
}
# single-thread figures measured elsewhere for those that pip no longer installs on Python 3.11
RECORDED = {  # name: (millions of rows a second on MovieLens-100K, k = 64, log loss)
    "libFM 1.4.4 SGD": (0.906, 0.5476),
    "libFM 1.4.4 MCMC": (0.637, 0.5434),
    "fastFM 0.2.11 SGD": (0.504, 0.5689),
    "LightFM 1.17 logistic": (0.809, 0.5464),
}
ROWS = (100_000, 1_000_000, 25_000_000)
USERS, ITEMS = 162_541, 59_047  # as in MovieLens-25M: parameters far larger than the caches


def speed(title: str, folder: Path, rows: int, repeats: int) -> None:
    """Print the rows a second of every library, best of interleaved repeats."""
    for k in (16, 64):
        for threads in (1, 2):
            say(f"\n{title}, k = {k}, {threads} thread{'s' * (threads > 1)}")
            by_library: dict[str, list[Result]] = {}
            for name in list(EPOCHS) * repeats:
                settings = {**CHOSEN.get(name, ({}, 0))[0], "batch": BATCH}
                result = run(name, folder, k, EPOCHS[name], threads, settings)
                if result is not None:
                    by_library.setdefault(name, []).append(result)
            rates = {name: _rates(name, rows, results) for name, results in by_library.items()}
            for name, (rate, computed) in rates.items():
                result = by_library[name][-1]
                loss = "     -" if result.loss is None else f"{result.loss:.4f}"
                ours = rates["factorstack"]
                say(
                    f"  {name:16} {rate:7.3f} M rows/s, {computed:7.3f} per second of computing;  "
                    f"ours is {ours[0] / rate:6.1f} x, {ours[1] / computed:6.1f} x;  "
                    f"log loss {loss}  AUC {result.auc:.4f}"
                )


def _rates(name: str, rows: int, results: list[Result]) -> tuple[float, float]:
    """Return millions of rows a second, and a second of computing, in the best of the runs."""
    total = rows * EPOCHS[name] / 1e6
    return (
        total / min(result.seconds for result in results),
        total / min(result.computed for result in results),
    )


def quality(folder: Path, repeats: int) -> None:
    """Print the time in which every library reaches the target, by settings chosen before."""
    say(f"\nMovieLens-100K, k = 64, 1 thread: to a log loss of {TARGET} on validation rows")
    for name, (settings, epochs) in CHOSEN.items():
        tried = [run(name, folder, 64, epochs, 1, settings) for _ in range(repeats)]
        runs = [one for one in tried if one is not None]
        if not runs:
            continue
        seconds, computed = min(one.seconds for one in runs), min(one.computed for one in runs)
        say(
            f"  {name:16} {seconds:8.3f} s, {computed:8.3f} s of computing, in {epochs:3} epochs; "
            f"log loss on the test rows {runs[0].loss:.4f}"
        )


def scaling() -> None:
    """Print our time per epoch and non-zero, from small to large data of the same features."""
    say("\nours, k = 16, 1 thread, 221,588 features: time per epoch over the number of rows")
    for rows in ROWS:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            train = write_planted(folder, rows, USERS, ITEMS)
            result = run("factorstack", folder, 16, 4, 1, {})
        if result is not None:
            seconds, computed = result.seconds / 4, result.computed / 4
            say(
                f"  {rows:11,} rows: {seconds:8.3f} s an epoch, {computed:8.3f} s of computing, "
                f"{computed / train / 2 * 1e9:5.0f} ns a non-zero (grouping included)"
            )


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="MovieLens-100K alone, once")
    options = parser.parse_args()
    repeats = 1 if options.quick else 3
    if missing():
        say(f"left out: {', '.join(missing())}; `make bench` sets up what they need")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = write_movielens(folder)
        speed("MovieLens-100K", folder, rows, repeats)
        say("\nrecorded, MovieLens-100K, k = 64, 1 thread")
        for other, (rate, loss) in RECORDED.items():
            say(f"  {other:22} {rate:7.3f} M rows/s   log loss {loss:.4f}")
        quality(folder, repeats)
        if options.quick:
            return
        rows = write_planted(folder, 1_000_000, 6040, 3706)
        speed("a planted million", folder, rows, 1)
    scaling()


if __name__ == "__main__":
    main()
