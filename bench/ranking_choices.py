"""What each default of a ranking model is worth, on a validation part of MovieLens-100K's rows.

The training part of the split that `bench.ranking` measures on is split again, so that no test row
has a say in a default. Each change is compared with the defaults over the same users.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bench.defaults import say
from bench.ranked_lists import Asked, Baselines, Hyperparameters, Prepared, of_model
from data_prep.settings import History, Label, Negatives, PrepareSettings, Split
from data_prep.size_plan import LADDER, POPULARITY_EXPONENT
from fm.arrays import Float64s
from tasks.run.hyperparameters import RANKING_DEFAULTS

FEW = 5  # items of a stranger that are known
PER_POSITIVE, MOST = LADDER[0]
NEGATIVES = Negatives(per_positive=PER_POSITIVE, by="popularity", exponent=POPULARITY_EXPONENT)
# Strangers among them, as by default: what shortens histories is for their sake.
SPLIT = Split(test_fraction=0.15, seed=7)
SETTINGS = PrepareSettings(
    purpose="ranking",
    label=Label(positive_at_least=4),
    split=SPLIT,
    negatives=NEGATIVES,
    history=History(most=MOST),
)
OTHERS: dict[str, tuple[float, ...]] = {
    "num_factors": (32, 128),
    "epochs": (12, 20),
    "mini_batch_size": (500, 2000),
    "linear_lr": (0.0025, 0.01),
    "factors_lr": (0.0015, 0.003),
    "factors_wd": (2e-5, 4.5e-5),
}


class Measured(NamedTuple):
    """NDCG@10 of each user's list.

    Attributes:
        warm: Of users who are trained on, by all that is known of them.
        strangers: Of the others, by the `FEW` newest items.
    """

    warm: Float64s
    strangers: Float64s


def around(source: Path, folder: Path) -> None:
    """Print what a change of each default does.

    Args:
        source: All of MovieLens-100K.
        folder: For what is prepared on the way.
    """
    validation = folder / "validation.csv"
    _training_part(source, validation, folder / "out")
    prepared = Prepared.make(validation, folder / "out", SETTINGS)
    for what, asked in zip(Measured._fields, _asked(prepared), strict=True):
        say(f"{len(asked.users)} {what}")
        for name, values in Baselines(prepared).judged(asked):
            say(f"  {name:32} {values[:, 0].mean():.4f}")
    best = _measure(prepared, RANKING_DEFAULTS)
    say(f"  {'the defaults':32} {best.warm.mean():.4f} and {best.strangers.mean():.4f}")
    for name, settings in _other_preparations():
        other = Prepared.make(validation, folder / "other", settings)
        _show(name, other, _measure(other, RANKING_DEFAULTS), best)
    for name, others in OTHERS.items():
        for value in others:
            changed = {**RANKING_DEFAULTS, name: type(RANKING_DEFAULTS[name])(value)}
            _show(f"{name} {value:g}", prepared, _measure(prepared, changed), best)


def _training_part(source: Path, out: Path, scratch: Path) -> None:
    """Write the rows that `bench.ranking` trains on, of items that someone there liked."""
    prepared = Prepared.make(source, scratch, SETTINGS.model_copy(update={"split": Split()}))
    encoder = prepared.encoder
    known = {
        (user, encoder.item_ids[item])
        for user in encoder.user_ids
        for item in encoder.seen_items(user).tolist()
    }
    with source.open() as file, out.open("w") as kept:
        header, *rows = csv.reader(file)
        writer = csv.writer(kept)
        writer.writerow(header)
        writer.writerows(row for row in rows if (row[0], row[1]) in known)


def _other_preparations() -> Iterator[tuple[str, PrepareSettings]]:
    for per_positive in (5, 20):
        yield f"{per_positive} negatives", _with_negatives(per_positive, POPULARITY_EXPONENT)
    for exponent in (0.0, 0.5):
        yield f"exponent {exponent:g}", _with_negatives(PER_POSITIVE, exponent)
    for most in (25, 50, 200):
        yield f"histories of {most}", _with_history(History(most=most))
    for shortened in (0.0, 0.75):
        yield f"shortened {shortened:g}", _with_history(History(most=MOST, shortened=shortened))
    for per_positive, most in LADDER[2::2]:
        settings = _with_negatives(per_positive, POPULARITY_EXPONENT)
        settings = settings.model_copy(update={"history": History(most=most)})
        yield f"{per_positive} negatives, histories of {most}", settings


def _with_negatives(per_positive: int, exponent: float) -> PrepareSettings:
    negatives = Negatives(per_positive=per_positive, by="popularity", exponent=exponent)
    return SETTINGS.model_copy(update={"negatives": negatives})


def _with_history(history: History) -> PrepareSettings:
    return SETTINGS.model_copy(update={"history": history})


def _asked(prepared: Prepared) -> tuple[Asked, Asked]:
    """Return the questions of the users who are trained on, and of the others."""
    strangers = prepared.held_out.strangers
    warm = np.delete(np.arange(len(prepared.encoder.user_ids)), strangers)
    few = Asked.of_held_out(prepared, strangers).shortened(FEW)
    return Asked.of_held_out(prepared, warm), few


def _measure(prepared: Prepared, settings: Hyperparameters) -> Measured:
    model, _ = prepared.train(settings, seed=0)
    warm, strangers = (of_model(model, prepared, asked)[:, 0] for asked in _asked(prepared))
    return Measured(warm, strangers)


def _show(name: str, prepared: Prepared, measured: Measured, best: Measured) -> None:
    """Print the differences to the defaults, with their standard errors over users."""
    cells = []
    for ours, other in zip(measured, best, strict=True):
        gain = ours - other
        cells.append(f"{gain.mean():+.4f} ({gain.std() / len(gain) ** 0.5:.4f})")
    megabytes = prepared.training_file.stat().st_size / 1e6
    say(f"  {name:32} {cells[0]}   {cells[1]}   {megabytes:.0f} MB")
