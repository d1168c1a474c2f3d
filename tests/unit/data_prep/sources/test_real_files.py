"""Tables as spreadsheets, data frames and public data sets write them."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_prep import recordio
from data_prep.encoder import Encoder
from data_prep.errors import InputError
from tests.unit.data_prep.conftest import Prepare, Table
from tests.unit.data_prep.test_preparation import digests, interactions

ROWS = [(f"u{n % 9}", f"i{n % 7}", n % 5 + 1, 881_250_949 + n) for n in range(60)]
POSITIVE = {"label": {"positive_at_least": 4}}
EXPECTED = Counter((user, item, float(rating >= 4)) for user, item, rating, _ in ROWS)


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


HEADER = "user_id,item_id,rating,timestamp"
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


def test_decimal_commas_are_read_beside_another_separator(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    rows = [(user, item, f"{rating},5") for user, item, rating, _ in ROWS]
    prepared(table(lines("user;item;rating", ";", rows)), predictor_type="regressor")
    assert labels(tmp_path / "out") == {1.5, 2.5, 3.5, 4.5, 5.5}


@pytest.mark.parametrize("written", ["1,000", "1.5,0"])
def test_a_comma_that_may_mean_thousands_is_refused(
    prepared: Prepare, table: Table, written: str
) -> None:
    rows = [(user, item, written) for user, item, *_ in ROWS]
    with pytest.raises(InputError) as caught:
        prepared(table(lines("user;item;rating", ";", rows)), predictor_type="regressor")
    assert (caught.value.line, caught.value.column, caught.value.value) == (2, "rating", written)


def test_a_comma_after_decimal_points_is_refused(prepared: Prepare, table: Table) -> None:
    rows = [(user, item, f"{rating}.5") for user, item, rating, _ in ROWS]
    rows[40] = ("u1", "i1", "2,5")
    with pytest.raises(InputError) as caught:
        prepared(table(lines("user;item;rating", ";", rows)), predictor_type="regressor")
    assert (caught.value.line, caught.value.value) == (42, "2,5")


@pytest.mark.parametrize("truth", [("True", "False"), ("true", "false"), ("TRUE", "0")])
def test_truth_values_are_labels(
    prepared: Prepare, table: Table, tmp_path: Path, truth: tuple[str, str]
) -> None:
    rows = [(user, item, truth[rating < 4]) for user, item, rating, _ in reversed(ROWS)]
    prepared(table(lines("user,item,clicked", rows=rows)))
    assert both(tmp_path / "out") == EXPECTED


def test_a_label_that_is_no_truth_value_is_named(prepared: Prepare, table: Table) -> None:
    rows = [
        (user, item, "perhaps" if n == 30 else "true") for n, (user, item, *_) in enumerate(ROWS)
    ]
    with pytest.raises(InputError, match="not a truth value") as caught:
        prepared(table(lines("user,item,clicked", rows=rows)))
    assert (caught.value.line, caught.value.value) == (32, "perhaps")


PUBLIC = {
    "reviewerID,asin,overall,unixReviewTime": ("reviewerID", "asin", "overall"),
    "user_id,parent_asin,rating,timestamp": ("user_id", "parent_asin", "rating"),
    "customer_id,product_id,star_rating,review_date": ("customer_id", "product_id", "star_rating"),
    "userID,artistID,weight,timestamp": ("userID", "artistID", "weight"),
    "user_id,book_id,rating,date": ("user_id", "book_id", "rating"),
    "User-ID,ISBN,Book-Rating,time": ("User-ID", "ISBN", "Book-Rating"),
    "user_id,anime_id,rating,ts": ("user_id", "anime_id", "rating"),
    "user_id,business_id,stars,date": ("user_id", "business_id", "stars"),
}


@pytest.mark.parametrize("header", PUBLIC)
def test_headers_of_public_data_sets_are_recognised(
    prepared: Prepare, table: Table, header: str
) -> None:
    columns = prepared(table(lines(header)), **POSITIVE).columns
    assert (columns.user, columns.item, columns.label) == PUBLIC[header]
    assert columns.timestamp == header.split(",")[3]


@pytest.mark.parametrize(
    ("header", "columns", "found"),
    [
        ("uid,movie,rating,date", {"item": "movie"}, ("uid", "movie", "rating", "date")),
        ("uid,item,good,rating", {"label": "good"}, ("uid", "item", "good", None)),
        ("uid,item,stars,date", {"timestamp": None}, ("uid", "item", "stars", None)),
        ("uid,item,stars,score", {"item_features": ["score"]}, ("uid", "item", "stars", None)),
    ],
)
def test_roles_that_are_not_named_are_recognised(
    prepared: Prepare,
    table: Table,
    header: str,
    columns: dict[str, object],
    found: tuple[str | None, ...],
) -> None:
    chosen = prepared(table(lines(header)), columns=columns, **POSITIVE).columns
    assert (chosen.user, chosen.item, chosen.label, chosen.timestamp) == found


def test_two_columns_that_could_be_the_item_are_asked_about(
    prepared: Prepare, table: Table
) -> None:
    with pytest.raises(InputError, match="could be asin or parent_asin"):
        prepared(table(lines("user_id,asin,parent_asin,rating")), **POSITIVE)


def test_a_first_line_that_looks_like_data_is_no_header(prepared: Prepare, table: Table) -> None:
    with pytest.raises(InputError, match=r"has a number, 5\.0, for a name.*put a line with"):
        prepared(table(["A1,B0001,5.0,1300000000", "A2,B0002,1.0,1300000001"]), **POSITIVE)


FOREIGN = {
    "ZIP archive": b"PK\x03\x04",
    "bzip2": b"BZh91AY",
    "Zstandard": b"\x28\xb5\x2f\xfd",
    "xz": b"\xfd7zXZ\x00",
    "ORC": b"ORC",
    "Avro": b"Obj\x01",
    "one JSON array": b'[\n  {"user_id": 1}]',
}


@pytest.mark.parametrize("what", FOREIGN)
def test_formats_that_are_not_read_are_named(prepared: Prepare, table: Table, what: str) -> None:
    with pytest.raises(InputError, match=what):
        prepared(table(FOREIGN[what] + b"...", "table"))


TIMES = {
    "zones behind UTC": "2024-01-{:02}T10:00:00-05:00",
    "zones ahead of UTC": "2024-01-{:02}T10:00:00+0200",
    "seven digits of a second": "2024-01-{:02} 10:00:00.1234567",
    "days": "2024-01-{:02}",
    "milliseconds": "17040672{:02}000",
}


@pytest.mark.parametrize("written", TIMES)
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_times_order_the_rows(
    prepared: Prepare, table: Table, tmp_path: Path, written: str, kind: str
) -> None:
    rows = [(f"u{n}", f"i{n % 3}", n % 2, TIMES[written].format(n + 1)) for n in range(20)]
    names = ["user", "item", "label", "time"]
    path = table(lines(",".join(names), rows=rows[::-1]))
    if kind == "parquet":
        pq.write_table(pa.table(list(zip(*rows[::-1], strict=True)), names=names), path)
    prepared(path, split={"strategy": "time"})
    assert {row[0] for row in interactions(tmp_path / "out", "train")} == {
        f"u{n}" for n in range(16)
    }


@pytest.mark.parametrize(
    ("column", "kind", "value"),
    [
        ("time", "csv", "2024-01-05T10:00:00"),
        ("time", "csv", "2024-02-30T10:00:00Z"),
        ("time", "parquet", "yesterday"),
        ("label", "parquet", 2**60),
        ("item", "parquet", b"\xff\xfe"),
    ],
)
def test_the_one_value_that_does_not_fit_is_named(
    prepared: Prepare, table: Table, column: str, kind: str, value: object
) -> None:
    row = {"user": 1, "item": b"2", "label": 1, "time": "2024-01-05T10:00:00Z"}
    rows = [{**row, column: value} if n == 17 else row for n in range(40)]
    path = table(lines("user,item,label,time", rows=[tuple(one.values()) for one in rows]))
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=10)
    with pytest.raises(InputError) as caught:
        prepared(path)
    error = caught.value
    assert (error.column, error.value) == (column, str(value))
    assert (error.line == 19) if kind == "csv" else ((error.row_group, error.row) == (1, 17))


def test_times_in_two_units_are_refused(prepared: Prepare, table: Table) -> None:
    times = [0, *(1_700_000_000 + n for n in range(30)), 1_700_000_000_000]
    rows = [(n % 9, n % 7, n % 2, time) for n, time in enumerate(times)]
    with pytest.raises(InputError, match="another unit") as caught:
        prepared(table(lines("user,item,label,time", rows=rows)), block_bytes=100)
    assert (caught.value.line, caught.value.value) == (33, "1700000000000")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("user", 1.5),
        ("user", 10**25),
        ("user", {"$oid": "5f"}),
        ("label", "1"),
        ("label", [1]),
        ("time", "yesterday"),
    ],
)
@pytest.mark.parametrize("place", [0, 2500])
def test_the_first_bad_value_of_json_is_named(
    prepared: Prepare, table: Table, key: str, value: object, place: int
) -> None:
    record = {"user": 1, "item": "i", "label": 1, "time": "2024-01-05"}
    good = [json.dumps(record)] * 3000
    good[place] = json.dumps({**record, key: value})
    with pytest.raises(InputError) as caught:
        prepared(table(good, "r.jsonl"), block_bytes=1000)
    if place:
        assert (caught.value.line, caught.value.column) == (place + 1, key)
        assert caught.value.value == str(value)
    else:  # the first object shows the types, unless its value has none that can be read
        assert caught.value.line in (1, 2)
        assert caught.value.column == key


@pytest.mark.parametrize("kind", ["json", "parquet"])
def test_a_member_that_is_null_leaves_the_others(
    prepared: Prepare, table: Table, tmp_path: Path, kind: str
) -> None:
    tags: list[list[str | None] | None] = [["a", None], None, ["b"]]
    rows = [
        {"user": f"u{n % 9}", "item": f"i{n % 3}", "label": n % 2, "tags": tags[n % 3]}
        for n in range(60)
    ]
    path = table([json.dumps(row) for row in rows], "rows")
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    prepared(
        path, columns={"user": "user", "item": "item", "label": "label", "item_features": ["tags"]}
    )
    known = pq.read_table(tmp_path / "out" / "vocabulary" / "feature2.parquet")
    assert sorted(known.column("value").to_pylist()) == ["a", "b"]


def test_fractions_in_json_are_numeric_features(prepared: Prepare, table: Table) -> None:
    rows = [{"user": n % 9, "item": n % 7, "label": n % 2, "price": n / 2} for n in range(60)]
    columns = {"user": "user", "item": "item", "label": "label", "item_features": ["price"]}
    manifest = prepared(table([json.dumps(row) for row in rows]), columns=columns)
    assert manifest.fields[2].kind == "numeric"


def test_nested_json_beside_the_wanted_keys_is_passed_over(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    rows = [
        {"user": u, "item": i, "rating": r, "more": {"deep": [1, {"er": None}]}}
        for u, i, r, _ in ROWS
    ]
    prepared(table([json.dumps(row) for row in rows]), **POSITIVE)
    assert both(tmp_path / "out") == EXPECTED


@pytest.mark.parametrize(("users", "items"), [(1, 9), (9, 1), (1, 1)])
def test_one_user_or_one_item_is_enough(
    prepared: Prepare, table: Table, users: int, items: int
) -> None:
    rows = [(n % users, n % items, n // 3 % 2) for n in range(60)]
    manifest = prepared(table(lines("user,item,label", rows=rows)))
    assert manifest.feature_dim == users + items + 2


def test_several_row_groups_types_and_codecs_are_one_table(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    prepared(table(lines(HEADER)), out="csv", **POSITIVE)
    columns = dict(zip(HEADER.split(","), map(list, zip(*ROWS, strict=True)), strict=True))
    text = pa.array(columns["item_id"]).dictionary_encode()
    for codec in ("zstd", "gzip", "none"):
        written = pa.table({**columns, "item_id": text})
        pq.write_table(written, tmp_path / "t", compression=codec, row_group_size=7)
        prepared(tmp_path / "t", out=codec, block_bytes=100, **POSITIVE)
        for name in ("train.recordio", "test.recordio"):
            assert digests(tmp_path / codec)[name] == digests(tmp_path / "csv")[name]
