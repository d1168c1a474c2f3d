"""Mutated inputs end in a clear error or in a right result; FUZZ_INPUTS=10000 runs more of them.

Right means: what Python's own csv and json modules read from the same bytes is in the output.
"""

import csv
import gzip
import io
import json
import os
import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.sparse as sp

from data_prep import recordio
from data_prep.errors import InputError
from data_prep.preparation import prepare
from data_prep.recordio import frames, parser
from data_prep.settings import PrepareSettings
from tests.unit.data_prep.preparations import interactions

INPUTS = int(os.environ.get("FUZZ_INPUTS", "150"))
Rows = list[tuple[str, str, float]]
NASTY = [
    b"", b"\n", b"\r", b"\r\n", b",", b'"', b'""', b"'", b"\t", b"::", b";", b"|", b"\0", b"\xff",
    b"\xc3", b"\xef\xbb\xbf", b"nan", b"inf", b"-1", b"1e999", b"2", b"0x1", b"1_0", b" ", b"NA",
    b"null", b"{", b"}", b"[", b"]", b"\\", b"\\u0000", b"\xe2\x80\xa8", b"user_id", b"true",
]  # fmt: skip
BASE: Rows = [(f"u{n % 7}", f"i{n % 5}", float((n // 3) % 2)) for n in range(40)]


def mutated(raw: bytes, chance: random.Random) -> bytes:
    """The bytes with a few of them changed, left out, repeated, or nasty ones put in."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(raw) + 1)
        length = chance.choice([1, 1, 2, 8, 40])
        kind = chance.randrange(6)
        if kind == 0:
            raw = raw[:at] + chance.choice(NASTY) + raw[at:]
        elif kind == 1:
            raw = raw[:at] + chance.choice(NASTY) + raw[at + length :]
        elif kind == 2:
            raw = raw[:at] + raw[at + length :]
        elif kind == 3:
            raw = raw[:at] + raw[at : at + length] + raw[at:]
        elif kind == 4:
            raw = raw[:at] + bytes([chance.randrange(256)]) + raw[at + 1 :]
        else:
            raw = raw[:at] if chance.random() < 0.3 else raw
    return raw


def csv_bytes() -> bytes:
    lines = ["user_id,item_id,label", *(f"{u},{i},{label:g}" for u, i, label in BASE)]
    return ("\n".join(lines) + "\n").encode()


def csv_rows(raw: bytes) -> Rows:
    text = io.StringIO(raw.decode("utf-8-sig"), newline="")
    header, *lines = (line for line in csv.reader(text) if line)
    at = [[name.strip() for name in header].index(name) for name in ("user_id", "item_id", "label")]
    return [(line[at[0]], line[at[1]], float(line[at[2]])) for line in lines]


def json_bytes() -> bytes:
    records = ({"user_id": u, "item_id": i, "label": label} for u, i, label in BASE)
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def json_rows(raw: bytes) -> Rows:
    records = [json.loads(line) for line in raw.decode("utf-8-sig").split("\n") if line.strip()]
    return [(str(r["user_id"]), str(r["item_id"]), float(r["label"])) for r in records]


FORMATS: dict[str, tuple[bytes, Callable[[bytes], Rows]]] = {
    "csv": (csv_bytes(), csv_rows),
    "jsonl": (json_bytes(), json_rows),
}


def outcome(raw: bytes, directory: Path) -> Rows | InputError:
    """What `prepare` makes of the bytes; nothing may be left behind by a refusal."""
    source = directory / "in"
    source.write_bytes(raw)
    columns = {"user": "user_id", "item": "item_id", "label": "label"}
    settings = PrepareSettings.model_validate({"columns": columns})
    try:
        prepare([source], directory / "out", settings)
    except InputError as caught:
        error = caught
    else:
        rows = interactions(directory / "out", "train") + interactions(directory / "out", "test")
        shutil.rmtree(directory / "out")
        return rows
    assert [path.name for path in directory.iterdir()] == ["in"]
    assert error.file == str(source)
    return error


@pytest.mark.parametrize("name", FORMATS)
def test_mutated_tables_are_refused_or_read_right(name: str, tmp_path: Path) -> None:
    base, rows_of = FORMATS[name]
    chance = random.Random(1)
    refused = 0
    for number in range(INPUTS):
        raw = mutated(base, chance)
        got = outcome(raw, tmp_path)
        if isinstance(got, InputError):
            refused += 1
            continue
        wanted = Counter((u, i, label) for u, i, label in rows_of(raw))
        unknown = Counter(got) - wanted
        assert sum(Counter(got).values()) == sum(wanted.values()), (number, raw)
        assert all("?" in row for row in unknown), (number, raw, unknown)
    assert 0 < refused < INPUTS


def test_mutated_gzip_and_parquet_are_refused_or_read(tmp_path: Path) -> None:
    table = pa.table(list(zip(*BASE, strict=True)), names=["user_id", "item_id", "label"])
    pq.write_table(table, tmp_path / "in")
    bases = [(tmp_path / "in").read_bytes(), gzip.compress(csv_bytes(), mtime=0)]
    chance = random.Random(2)
    for number in range(INPUTS // 2):
        outcome(mutated(bases[number % 2], chance), tmp_path)


def test_mutated_recordio_is_refused_or_read_by_both_parsers_alike() -> None:
    chance = random.Random(3)
    narrow = sp.random_array((30, 400), density=0.02, rng=4, dtype=np.float32).tocsr()
    spread = (narrow.data, narrow.indices.astype(np.int64) ** 6, narrow.indptr)
    wide = sp.csr_array(spread, shape=(30, 1 << 53))
    bases = []
    for matrix in (narrow, wide):  # keys of one and two bytes, and of up to eight
        for labels in (None, np.arange(30, dtype=np.float32)):
            file = io.BytesIO()
            recordio.write(file, matrix, labels)
            bases.append(file.getvalue())
    refused = 0
    for number in range(2 * INPUTS):
        raw = mutated(bases[number % len(bases)], chance)
        try:
            features, labels = recordio.read(io.BytesIO(raw))
        except InputError:
            refused += 1
            continue
        pieces = list(frames.read_pieces(io.BytesIO(raw), None))
        rows = [parser.parse_piece(piece, None, 0) for piece in pieces]
        assert np.array_equal(features.indices, np.concatenate([one.indices for one in rows]))
        data = np.concatenate([one.data for one in rows])
        assert np.array_equal(features.data, data, equal_nan=True)  # NaN has many bit patterns
        assert (labels is None) == (rows[0].labels is None)
    assert 0 < refused < 2 * INPUTS
