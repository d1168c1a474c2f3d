"""A small table, and what is in a preparation."""

import hashlib
from pathlib import Path

from data_prep import recordio
from data_prep.arrays import CsrRows, Float32s
from data_prep.encoder import Encoder

ROWS = [(str(user), f"i{item}", (user * item) % 2) for user in range(20) for item in range(10)]

CSV = ["user_id,item_id,interaction", *(f"{user},{item},{label}" for user, item, label in ROWS)]


def part(out: Path, name: str) -> tuple[CsrRows, Float32s]:
    """Return features and labels of a part, `train` or `test`."""
    with (out / f"{name}.recordio").open("rb") as file:
        features, labels = recordio.read(file)
    assert labels is not None
    return features, labels


def interactions(out: Path, name: str) -> list[tuple[str, str, float]]:
    """Return the rows of a part in file order, decoded by the vocabulary."""
    encoder = Encoder.load(out)
    features, labels = part(out, name)
    users = [*encoder.user_ids, "?"]
    items = [*encoder.item_ids, "?"]
    pairs = features.indices.reshape(-1, 2) - [0, encoder.manifest.field("item").start]
    return [(users[u], items[i], y) for (u, i), y in zip(pairs, labels.tolist(), strict=True)]


def digests(out: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of a preparation, by its path there."""
    files = sorted(path for path in out.rglob("*") if path.is_file())
    return {
        str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }
