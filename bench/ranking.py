"""Lists of the default ranking model, beside popularity, item-kNN and EASE, on the same users.

`python -m bench.ranking`, from the repository's root, prints the tables of docs/measurements.md:
MovieLens-100K, strangers to it, and planted choices beside the best attainable. With `--around`
what becomes of NDCG@10 on a validation part of MovieLens-100K's training rows when one of the
defaults is changed (`bench.ranking_choices`). A rating of 4 or more is a like.
"""

import argparse
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from bench import movielens, ranking_choices
from bench.defaults import say
from bench.ranked_lists import SHOWN, Asked, Baselines, Prepared, of_model
from data_prep.settings import Label, PrepareSettings, Split
from data_prep.synthetic import PlantedChoices
from fm import bootstrap
from fm.arrays import Bools, Float64s, Int64s
from fm.best import best_lists
from fm.model import Model
from tasks.run.hyperparameters import RANKING_DEFAULTS

SEEDS = 3
LIKED = 4
LIKES = Label(positive_at_least=LIKED)
OURS = "factorization machine"
FEWEST_LIKES = 25  # of a user who may become a stranger
SHARE = 1 / 6  # of these users
GIVEN = (3, 5, 10, 20)  # items of a stranger that are known
DRAWS = 3  # of strangers


def movielens_file(path: Path, keep: Bools | None = None) -> None:
    """Write MovieLens-100K's ratings, or those to keep (100000,), as CSV."""
    ratings = movielens.ratings()
    columns = ratings.users + 1, ratings.items + 1, ratings.ratings, ratings.times
    table = np.stack([column.astype(np.int64) for column in columns], 1)
    table = table if keep is None else table[keep]
    header = "user_id,item_id,rating,timestamp"
    np.savetxt(path, table, "%d", delimiter=",", header=header, comments="")


def trained(prepared: Prepared, seeds: int = SEEDS) -> list[Model]:
    """Train jobs by default settings, say how long it took, and return the models."""
    jobs = [prepared.train(RANKING_DEFAULTS, seed) for seed in range(seeds)]
    taken = [prepared.seconds, np.mean([seconds for _, seconds in jobs], 0)]
    prepare, train = (f"{wall:.1f} s ({computing:.1f} computing)" for wall, computing in taken)
    megabytes = prepared.training_file.stat().st_size / 1e6
    say(
        f"  prepared in {prepare}: {prepared.encoder.manifest.rows.train:,} rows, "
        f"{megabytes:.0f} MB; trained in {train}"
    )
    return [model for model, _ in jobs]


def compare(prepared: Prepared, models: Iterable[Model], asked: Asked) -> None:
    """Print each system's metrics, with the difference of ours, the mean of the models', to it."""
    ours = np.array([of_model(model, prepared, asked) for model in models])
    spread = ours.mean(1).std(0)
    systems = dict(Baselines(prepared).judged(asked))
    say(f"  {len(asked.users)} users")
    show({**systems, OURS: ours.mean(0)})
    say(f"  standard deviation over training seeds: {spread[0]:.4f}   {spread[1]:.4f}")


def show(systems: Mapping[str, Float64s]) -> None:
    """Print the means of the metrics (m, 2) of systems, with the difference of ours to each."""
    ours = systems[OURS]
    for name, values in systems.items():
        ndcg, recall = values.mean(0)
        line = f"    {name:24} NDCG@10 {ndcg:.4f}   recall@10 {recall:.4f}"
        if name != OURS:
            line += "   ours on NDCG@10 " + difference(ours[:, 0], values[:, 0])
        say(line)


def difference(ours: Float64s, other: Float64s) -> str:
    """Return the mean difference of the users' values (m,), with its paired 95 % interval."""
    gain = (ours - other)[:, None]
    values = bootstrap.replicates(
        {"gain": lambda weights: weights @ gain / weights.sum()}, len(gain)
    )
    (interval,) = bootstrap.intervals(values["gain"])
    return f"{gain.mean():+.4f} [{interval.low:+.4f}, {interval.high:+.4f}]"


def everyone(folder: Path) -> None:
    """MovieLens-100K, a fifth held out: all users trained on, by default, and by time."""
    movielens_file(folder / "ml.csv")
    for what, split in (
        ("all users trained on", Split(strangers=0)),
        ("by default", Split()),
        ("the latest fifth held out", Split(strategy="time", strangers=0)),
    ):
        say(f"MovieLens-100K, {what}")
        settings = PrepareSettings(purpose="ranking", label=LIKES, split=split)
        prepared = Prepared.make(folder / "ml.csv", folder / "out", settings)
        models = trained(prepared)
        compare(prepared, models, Asked.of_held_out(prepared))
        held_out = prepared.held_out.strangers
        if len(held_out):
            say("  of them, those who were held out whole")
            compare(prepared, models, Asked.of_held_out(prepared, held_out))


def strangers(folder: Path) -> None:
    """Users of MovieLens-100K who are not in the training file, answered from a few likes."""
    results: dict[int, list[dict[str, Float64s]]] = {given: [] for given in GIVEN}
    for draw in range(DRAWS):
        for given, systems in _one_draw(folder, draw):
            results[given].append(systems)
    for given, draws in results.items():
        users = [len(systems[OURS]) for systems in draws]
        say(f"strangers to MovieLens-100K, {given} of their likes known: {users} of {DRAWS} draws")
        show({name: np.concatenate([systems[name] for systems in draws]) for name in draws[0]})


def _one_draw(folder: Path, draw: int) -> Iterator[tuple[int, dict[str, Float64s]]]:
    """Yield the number of known likes, and the metrics of each system on the strangers' lists."""
    random = np.random.default_rng(draw)
    ratings = movielens.ratings()
    liked = ratings.ratings >= LIKED
    many = np.flatnonzero(np.bincount(ratings.users[liked]) >= FEWEST_LIKES)
    chosen = random.choice(many, round(SHARE * len(many)), replace=False)
    movielens_file(folder / "rest.csv", ~np.isin(ratings.users, chosen))
    # As good as all of the others' ratings are trained on.
    split = Split(strangers=0, test_fraction=0.001)
    settings = PrepareSettings(purpose="ranking", label=LIKES, split=split)
    prepared = Prepared.make(folder / "rest.csv", folder / "out", settings)
    likes = [random.permutation(ratings.items[liked & (ratings.users == one)]) for one in chosen]
    indices = [prepared.encoder.item_indices([str(item + 1) for item in one]) for one in likes]
    models, baselines = trained(prepared), Baselines(prepared)
    for given in GIVEN:
        asked = _from_few(indices, given)
        ours = np.mean([of_model(model, prepared, asked) for model in models], 0)
        yield given, {**dict(baselines.judged(asked)), OURS: ours}


def _from_few(likes: list[Int64s], given: int) -> Asked:
    """Ask for people of whom `given` likes are known, and all others wanted."""
    known = [items[:given][items[:given] >= 0] for items in likes]
    wanted = [items[given:] for items in likes]
    wanted_by = np.repeat(np.arange(len(likes)), [len(items) for items in wanted])
    return Asked([""] * len(likes), known, known, wanted_by, np.concatenate(wanted))


def planted(folder: Path) -> None:
    """Planted choices, beside the order of the true appeal."""
    choices = PlantedChoices()
    choices.write(folder / "choices.csv")
    say("planted choices, all users trained on")
    settings = PrepareSettings(purpose="ranking", split=Split(strangers=0))
    prepared = Prepared.make(folder / "choices.csv", folder / "out", settings)
    asked = Asked.of_held_out(prepared)
    compare(prepared, trained(prepared), asked)
    appeal = choices.appeal(asked.users, prepared.encoder.item_ids).astype(np.float32)
    top, _ = best_lists(
        lambda start, end: appeal[start:end].copy(), appeal.shape, SHOWN, asked.seen
    )
    ndcg, recall = asked.judge(top, appeal.shape[1]).mean(0)
    say(f"    {'the true appeal':24} NDCG@10 {ndcg:.4f}   recall@10 {recall:.4f}")


def main() -> None:
    """Run the measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--around", action="store_true", help="change one default at a time")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.around:
            movielens_file(folder / "ml.csv")
            ranking_choices.around(folder / "ml.csv", folder)
            return
        for measure in (everyone, strangers, planted):
            measure(folder)


if __name__ == "__main__":
    main()
