"""Separators, headers and encodings of CSV, as programs and data sets write them."""

import gzip
from collections import Counter
from pathlib import Path

import pytest

from data_prep.encoder import Encoder
from tests.unit.data_prep.conftest import Prepare, Table
from tests.unit.data_prep.preparations import CSV, interactions
from tests.unit.data_prep.ratings import EXPECTED, HEADER, POSITIVE, ROWS, both, lines
from tests.unit.data_prep.side_features import columns, features

LAYOUTS = {
    "u.data": (None, "\t"),
    "ratings.dat": (None, "::"),
    "ratings.csv": ("userId,movieId,rating,timestamp", ","),
    "ml.inter": ("user_id:token\titem_id:token\trating:float\ttimestamp:float", "\t"),
    "semicolons.csv": ("user;item;score;time", ";"),
    "bars.txt": ("User-ID|ASIN|Rating|Timestamp", "|"),
}


@pytest.mark.parametrize("name", LAYOUTS)
@pytest.mark.parametrize("compressed", [False, True])
def test_known_layouts_are_recognised(
    prepared: Prepare, table: Table, tmp_path: Path, name: str, compressed: bool
) -> None:
    header, separator = LAYOUTS[name]
    rows = [(str(n % 9), str(n % 7), str(n % 5 + 1), str(881250949 + n)) for n in range(90)]
    lines = [header] if header else []
    content = "\n".join([*lines, *(separator.join(row) for row in rows)]).encode()
    path = table(gzip.compress(content) if compressed else content, name)
    # Small blocks, so that a separator of two characters is cut somewhere.
    manifest = prepared(path, label={"positive_at_least": 4}, block_bytes=100)
    assert manifest.columns.timestamp is not None
    found = interactions(tmp_path / "out", "train") + interactions(tmp_path / "out", "test")
    assert Counter(found) == Counter((u, i, float(int(r) >= 4)) for u, i, r, _ in rows)


def test_a_byte_order_mark_is_not_part_of_the_first_name(prepared: Prepare, table: Table) -> None:
    assert prepared(table(("\ufeff" + "\n".join(CSV)).encode())).columns.user == "user_id"


SPELLINGS = {
    "byte order mark and CRLF": ("\ufeff" + "\r\n".join(lines(HEADER)) + "\r\n").encode(),
    "carriage returns alone": "\r".join(lines(HEADER)).encode(),
    "blank lines around and between": ("\n\n" + "\n\n".join(lines(HEADER)) + "\n\n\n").encode(),
    "no end of the last line": "\n".join(lines(HEADER)).encode(),
    "separators after the last column": "\n".join(f"{line}," for line in lines(HEADER)).encode(),
    "the index of a data frame": "\n".join(
        f"{'' if n == 0 else n - 1},{line}" for n, line in enumerate(lines(HEADER))
    ).encode(),
    "quotes around everything": "\n".join(
        ",".join(f'"{cell}"' for cell in line.split(",")) for line in lines(HEADER)
    ).encode(),
    "a line's end in a quoted name": "\n".join(
        lines('user_id,item_id,rating,"time\nstamp"')
    ).encode(),
    "a header longer than a sample": "\n".join(
        [
            f"{HEADER},{','.join(f'column{n}' for n in range(9000))}",
            *(line + "," * 9000 for line in lines(HEADER)[1:]),
        ]
    ).encode(),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_spellings_of_the_same_table(
    prepared: Prepare, table: Table, tmp_path: Path, name: str
) -> None:
    prepared(table(SPELLINGS[name]), **POSITIVE)
    assert both(tmp_path / "out") == EXPECTED


@pytest.mark.parametrize("encoding", ["utf8", "UTF-8", "utf-8-sig", "utf_8"])
def test_every_name_of_utf_8_takes_a_byte_order_mark(
    prepared: Prepare, table: Table, encoding: str
) -> None:
    path = table(SPELLINGS["byte order mark and CRLF"])
    assert prepared(path, encoding=encoding, **POSITIVE).columns.user == "user_id"


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252", "latin-1", "gb18030"])
def test_other_encodings_are_read_when_named(
    prepared: Prepare, table: Table, tmp_path: Path, encoding: str
) -> None:
    rows = [(f"\u00fc{user}", *rest) for user, *rest in ROWS]
    prepared(
        table("\n".join(lines(HEADER, rows=rows)).encode(encoding)), encoding=encoding, **POSITIVE
    )
    assert {user[0] for user in Encoder.load(tmp_path / "out").user_ids} == {"\u00fc"}


def test_typed_headers_tell_the_kinds(prepared: Prepare, table: Table, tmp_path: Path) -> None:
    lines = [f"u{n % 5}\ti{n % 4}\t{n % 2}\t{20 + n % 5}\ta b" for n in range(60)]
    header = "user_id:token\titem_id:token\tlabel:float\tage:float\tclass:token_seq"
    manifest = prepared(
        table([header, *lines], "x.inter"),
        columns={"label": "label", "user_features": ["age"], "item_features": ["class"]},
    )
    assert [field.kind for field in manifest.fields[2:]] == ["numeric", "multi_valued"]
    assert manifest.fields[3].size == 3
    genres = features(tmp_path / "out", "train")[:, columns(tmp_path / "out", "class")]
    assert set(genres[:, :2].ravel().tolist()) == {0.5}
