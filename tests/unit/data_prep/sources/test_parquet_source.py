"""Parquet gives what CSV gives, and names what is wrong in it."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.unit.data_prep.conftest import Prepare
from tests.unit.data_prep.sources.tables import COLUMNS, ROWS, files, parquet, refused


def test_parquet_gives_the_bytes_of_csv(
    prepared: Prepare, tmp_path: Path, reference: dict[str, str]
) -> None:
    prepared(parquet(tmp_path / "r.parquet", ROWS), columns=COLUMNS)
    assert files(tmp_path / "out") == reference


@pytest.mark.parametrize("kind", [pa.int8(), pa.float32(), pa.bool_()])
def test_labels_of_other_types_are_taken(
    prepared: Prepare, tmp_path: Path, reference: dict[str, str], kind: pa.DataType
) -> None:
    labels = pa.array([row["label"] for row in ROWS]).cast(kind)
    prepared(parquet(tmp_path / "r.parquet", ROWS, label=labels), columns=COLUMNS)
    assert files(tmp_path / "out") == reference


@pytest.mark.parametrize("unit", ["s", "ms", "ns"])
def test_timestamps_of_any_unit_are_times(prepared: Prepare, tmp_path: Path, unit: str) -> None:
    times = pa.array([row["ts"] for row in ROWS]).cast(pa.timestamp("s")).cast(pa.timestamp(unit))
    for name, values in (("a", times), ("b", pa.array([row["ts"] for row in ROWS]))):
        prepared(
            parquet(tmp_path / f"{name}.parquet", ROWS, ts=values),
            columns=COLUMNS,
            split={"strategy": "time"},
            out=name,
        )
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_dictionary_encoded_ids_are_texts(
    prepared: Prepare, tmp_path: Path, reference: dict[str, str]
) -> None:
    items = pa.array([row["item"] for row in ROWS]).dictionary_encode()
    prepared(parquet(tmp_path / "r.parquet", ROWS, item=items), columns=COLUMNS)
    assert files(tmp_path / "out") == reference


def test_a_bad_value_in_parquet_is_named_by_row_group_and_row(
    prepared: Prepare, tmp_path: Path
) -> None:
    labels = pa.array([2.0 if n == 77 else float(n % 2) for n in range(120)])
    error = refused(prepared, parquet(tmp_path / "r.parquet", ROWS, label=labels))
    assert (error.row_group, error.row, error.column, error.value) == (1, 77, "label", "2.0")


def test_a_missing_value_in_parquet_is_refused(prepared: Prepare, tmp_path: Path) -> None:
    items = pa.array([None if n == 3 else "i" for n in range(120)])
    error = refused(prepared, parquet(tmp_path / "r.parquet", ROWS, item=items))
    assert (error.row, error.column, error.value) == (3, "item", "")


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("user", pa.array([float(n) for n in range(120)])),
        ("label", pa.array(["yes"] * 120)),
        ("item", pa.array([{"a": 1}] * 120)),
    ],
)
def test_a_type_that_cannot_be_is_refused(
    prepared: Prepare, tmp_path: Path, column: str, values: pa.Array
) -> None:
    error = refused(prepared, parquet(tmp_path / "r.parquet", ROWS, **{column: values}))
    assert error.column == column


def test_a_text_in_parquet_that_is_not_utf_8_is_shown_as_far_as_it_is(
    prepared: Prepare, tmp_path: Path
) -> None:
    raw = [b"x\xff" if n == 55 else b"i" for n in range(120)]
    items = pa.array(raw).view(pa.string())
    error = refused(prepared, parquet(tmp_path / "r.parquet", ROWS, item=items))
    assert (error.row_group, error.row, error.column, error.value) == (1, 55, "item", "x\ufffd")


@pytest.mark.parametrize("keep", [0.3, 0.95])
def test_a_truncated_parquet_file_is_refused(
    prepared: Prepare, tmp_path: Path, keep: float
) -> None:
    path = parquet(tmp_path / "r.parquet", ROWS)
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * keep)])
    assert "truncated" in str(refused(prepared, path))


def test_a_page_of_parquet_that_is_not_what_its_checksum_says_is_refused(
    prepared: Prepare, tmp_path: Path
) -> None:
    plain = {"compression": "none", "use_dictionary": False}
    path, table = tmp_path / "r.parquet", pa.Table.from_pylist(ROWS)
    pq.write_table(table, path, **plain, write_page_checksum=True)
    raw = bytearray(path.read_bytes())
    raw[200] ^= 1  # of an id
    path.write_bytes(bytes(raw))
    assert "row group 0 cannot be read" in str(refused(prepared, path))


def test_an_empty_parquet_file_is_refused(prepared: Prepare, tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_pylist(ROWS)[:0], tmp_path / "r.parquet")
    assert "no rows" in str(refused(prepared, tmp_path / "r.parquet"))
