"""How large the training data of a ranking model become, and what is chosen so that they fit.

Each positive becomes a row, each of its negatives another, and each row holds the item and the
user's history: rows times negatives times history grow fast. What counts is the number of non-zeros
of the training part: preparing, storing and training take time in proportion to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from data_prep.arrays import Int64s
from data_prep.settings import History, Negatives, PrepareSettings

POPULARITY_EXPONENT = 0.3
# From the richest to the poorest: negatives for each positive, and items of a history. For the same
# size, fewer of either cost about the same (docs/measurements.md).
LADDER = ((10, 100), (10, 50), (8, 40), (6, 30), (5, 25), (4, 20), (4, 15), (3, 10), (2, 10))
COMFORTABLE = 60_000_000  # non-zeros: prepared within a minute, trained on within half an hour
MOST = 250_000_000  # non-zeros: what training can finish in a few hours
_BYTES, _ROW_BYTES = 6.25, 40  # in RecordIO: of a non-zero (value and column), of a row besides
_PER_SECOND = 1_200_000  # non-zeros an ml.m5.large trains on, two cores, 64 factors
_FEWEST_POSITIVES = 20  # of a user, however large the data


@dataclass(frozen=True)
class SizePlan:
    """What a preparation for ranking will hold.

    Attributes:
        negatives: how many for each positive, and which.
        history: how long a user's history is.
        most_positives: of a user, the most recent ones are trained on; None: all.
        rows: of the training part, about.
        non_zeros: of the training part, about.
        reason: why it is so, in words.
    """

    negatives: Negatives
    history: History
    most_positives: int | None
    rows: int
    non_zeros: int
    reason: str

    @property
    def bytes(self) -> int:
        """Bytes of train.recordio, about."""
        return round(self.non_zeros * _BYTES + self.rows * _ROW_BYTES)

    @property
    def epoch_seconds(self) -> float:
        """Seconds of an epoch of SageMaker's container on an ml.m5.large with 64 factors, about."""
        return self.non_zeros / _PER_SECOND

    def __str__(self) -> str:
        """Return the plan in a line."""
        positives = "" if self.most_positives is None else f", {self.most_positives} positives"
        return (
            f"Plan: {self.negatives.per_positive} negatives for each positive, histories of up to "
            f"{self.history.most}{positives} ({self.reason}): {self.rows:,} training rows, "
            f"{self.non_zeros:,} non-zeros, {self.bytes / 1e6:,.0f} MB, about "
            f"{self.epoch_seconds:,.0f} s an epoch on ml.m5.large"
        )


def plan(positives: Int64s, settings: PrepareSettings, features: int) -> SizePlan:
    """Return the richest plan that is comfortable, or the poorest; what is given is kept.

    Args:
        positives: (users,) the positives of each user that can be trained on.
        settings: what a person gave of negatives, history and most_positives.
        features: the side features of a row.
    """
    options = [
        _sized(positives, negatives, history, settings.most_positives, features)
        for negatives, history in _options(settings)
    ]
    fitting = [option for option in options if option.non_zeros <= COMFORTABLE]
    chosen = fitting[0] if fitting else options[-1]
    if settings.most_positives is None and chosen.non_zeros > MOST:
        chosen = _capped(positives, chosen, features)
    return chosen


def _options(settings: PrepareSettings) -> Iterator[tuple[Negatives, History]]:
    for per_positive, most in LADDER:
        by_plan = Negatives(
            per_positive=per_positive, by="popularity", exponent=POPULARITY_EXPONENT
        )
        yield _negatives(settings.negatives, by_plan), _history(settings.history, most)


def _negatives(given: Negatives | None, by_plan: Negatives) -> Negatives:
    """Return what is given, with the plan's number or kind where one of them is not."""
    if given is None:
        return by_plan
    kind = given if {"by", "exponent"} & given.model_fields_set else by_plan
    number = given if "per_positive" in given.model_fields_set else by_plan
    return kind.model_copy(update={"per_positive": number.per_positive})


def _history(given: History | None, most: int) -> History:
    if given is not None and "most" in given.model_fields_set:
        return given
    return (given or History()).model_copy(update={"most": most})


def _sized(
    positives: Int64s,
    negatives: Negatives,
    history: History,
    most_positives: int | None,
    features: int,
) -> SizePlan:
    rows_of = positives if most_positives is None else np.minimum(positives, most_positives)
    lengths = np.minimum(np.maximum(positives - 1, 0), history.most)
    lengths = lengths * (1 - history.shortened / 2)  # a random length is half as long on average
    per_positive = 1 + negatives.per_positive
    rows = int(rows_of.sum()) * per_positive
    non_zeros = round(float(rows_of @ (lengths + 1 + features)) * per_positive)
    return SizePlan(negatives, history, most_positives, rows, non_zeros, _reason(non_zeros))


def _capped(positives: Int64s, poorest: SizePlan, features: int) -> SizePlan:
    """Return the plan with the largest number of a user's positives that MOST allows."""
    low, high = _FEWEST_POSITIVES, int(positives.max(initial=0))
    while low < high:
        middle = (low + high + 1) // 2
        sized = _sized(positives, poorest.negatives, poorest.history, middle, features)
        low, high = (middle, high) if sized.non_zeros <= MOST else (low, middle - 1)
    return _sized(positives, poorest.negatives, poorest.history, low, features)


def _reason(non_zeros: int) -> str:
    if non_zeros <= COMFORTABLE:
        return f"at most {COMFORTABLE / 1e6:.0f} million non-zeros are comfortable"
    return f"more than the {COMFORTABLE / 1e6:.0f} million non-zeros that are comfortable"
