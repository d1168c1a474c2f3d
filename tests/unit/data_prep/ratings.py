"""A table of ratings from 1 to 5, and what is in its preparation."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from data_prep import recordio
from tests.unit.data_prep.preparations import interactions

ROWS = [(f"u{n % 9}", f"i{n % 7}", n % 5 + 1, 881_250_949 + n) for n in range(60)]

POSITIVE = {"label": {"positive_at_least": 4}}

EXPECTED = Counter((user, item, float(rating >= 4)) for user, item, rating, _ in ROWS)

HEADER = "user_id,item_id,rating,timestamp"


def lines(header: str, separator: str = ",", rows: Sequence[Sequence[object]] = ROWS) -> list[str]:
    return [header, *(separator.join(map(str, row)) for row in rows)]


def both(out: Path) -> Counter[tuple[str, str, float]]:
    return Counter(interactions(out, "train") + interactions(out, "test"))


def labels(out: Path) -> set[float]:
    found: set[float] = set()
    for part in ("train", "test"):
        with (out / f"{part}.recordio").open("rb") as file:
            found |= set(recordio.read(file)[1].tolist())  # type: ignore[union-attr]
    return found
