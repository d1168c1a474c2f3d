"""Input that must not become a model: refused with its place, and nothing is written."""

import gzip
from pathlib import Path

import pytest

from data_prep.errors import InputError
from tests.unit.data_prep.conftest import Prepare, Table

HEADER = "user_id,item_id,interaction"

GOOD = [f"{user},{item},{(user + item) % 2}" for user in range(5) for item in range(6)]


def refused(prepared: Prepare, tmp_path: Path, *sources: Path, **settings: object) -> InputError:
    before = sorted(tmp_path.iterdir())
    with pytest.raises(InputError) as caught:
        prepared(*sources, **settings)
    assert sorted(tmp_path.iterdir()) == before
    return caught.value


def test_good_rows_are_not_refused(prepared: Prepare, table: Table) -> None:
    assert prepared(table([HEADER, *GOOD])).rows.train == 24


@pytest.mark.parametrize(
    ("lines", "line", "column", "value", "problem"),
    [
        (["user_id,interaction", "1,0"], None, None, None, "which column is the item"),
        ([HEADER, *GOOD, "1,2,2"], 32, "interaction", "2", "0 or 1"),
        ([HEADER, *GOOD, "1,2,0.5", *GOOD], 32, "interaction", "0.5", "0 or 1"),
        ([HEADER, *GOOD, "1,2,nan"], 32, "interaction", "nan", "not finite"),
        ([HEADER, *GOOD, "1,2,-inf"], 32, "interaction", "-inf", "not finite"),
        ([HEADER, *GOOD, "1,2,1e39"], 32, "interaction", "1e39", "too large"),
        ([HEADER, *GOOD, "1,2,"], 32, "interaction", "", "missing"),
        ([HEADER, *GOOD, ",2,1"], 32, "user_id", "", "empty"),
        ([HEADER, *GOOD, "1,,1"], 32, "item_id", "", "empty"),
        ([HEADER, *GOOD, "1,2,yes"], 32, "interaction", "yes", "not a number"),
        ([HEADER, *GOOD, "", "1,2,yes"], 33, "interaction", "yes", "not a number"),
        ([HEADER, *GOOD, "1,2"], 32, None, "1,2", "2 columns where the header has 3"),
        ([HEADER, *GOOD, "1,2,1,1"], 32, None, "1,2,1,1", "4 columns where the header has 3"),
        ([HEADER, '"a\nb",2,1', *GOOD, "1,2,2"], 34, "interaction", "2", "0 or 1"),
        (["user_id,item_id,item_id,label", "1,2,2,1"], 1, "item_id", None, "twice"),
        ([HEADER], None, None, None, "no rows"),
        ([HEADER, "", ""], None, None, None, "no rows"),
        ([HEADER, *(row[:-1] + "1" for row in GOOD)], None, "interaction", None, "one class only"),
        ([HEADER, *(row[:-1] + "0" for row in GOOD)], None, "interaction", None, "one class only"),
        ([HEADER, "1,2,1"], None, None, None, "would be empty"),
        (["1,2,3,4,5", "1,2,3,4,5"], 1, None, None, "no header"),
        (["nothing here", "at all"], 1, None, "nothing here", "no separator"),
        (["user_id,item_id,rating,label", "1,2,3,1"], None, None, None, "rating or label"),
    ],
)
def test_bad_tables_are_refused(
    prepared: Prepare,
    table: Table,
    tmp_path: Path,
    lines: list[str],
    line: int | None,
    column: str | None,
    value: str | None,
    problem: str,
) -> None:
    path = table(lines)
    error = refused(prepared, tmp_path, path)
    assert problem in str(error)
    assert (error.line, error.column, error.value) == (line, column, value)
    assert error.file == str(path)
    assert str(error).startswith(str(path))


def test_a_missing_named_column_is_refused(prepared: Prepare, table: Table, tmp_path: Path) -> None:
    error = refused(prepared, tmp_path, table([HEADER, *GOOD]), columns={"label": "liked"})
    assert error.column == "liked"
    assert "It has: user_id, item_id, interaction" in str(error)


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_an_empty_file_is_refused(
    prepared: Prepare, table: Table, tmp_path: Path, content: bytes
) -> None:
    assert "the file is empty" in str(refused(prepared, tmp_path, table(content)))


def test_a_missing_file_is_refused(prepared: Prepare, tmp_path: Path) -> None:
    error = refused(prepared, tmp_path, tmp_path / "nowhere.csv")
    assert error.file == str(tmp_path / "nowhere.csv")
    assert "no such file" in str(error)


def test_a_missing_column_in_a_second_file_names_that_file(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    first = table([HEADER, *GOOD], "a.csv")
    second = table(["user_id,product,interaction", "1,2,1"], "b.csv")
    error = refused(prepared, tmp_path, first, second)
    assert (error.file, error.column) == (str(second), "item_id")


def test_a_wrong_encoding_is_refused_with_the_byte(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    text = "\n".join([HEADER, *GOOD, "caf\u00e9,2,1"])
    path = table(text.encode("latin-1"))
    error = refused(prepared, tmp_path, path)
    assert error.line == 32
    assert "byte e9 is not utf-8" in str(error)
    assert prepared(path, encoding="latin-1").rows.train == 25


def test_utf_16_is_refused_as_text(prepared: Prepare, table: Table, tmp_path: Path) -> None:
    path = table("\n".join([HEADER, *GOOD]).encode("utf-16"))
    assert "zero bytes" in str(refused(prepared, tmp_path, path))


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "base64"])
def test_an_unknown_encoding_is_refused(
    prepared: Prepare, table: Table, tmp_path: Path, encoding: str
) -> None:
    error = refused(prepared, tmp_path, table([HEADER, *GOOD]), encoding=encoding)
    assert error.value == encoding


def test_a_truncated_gzip_file_is_refused(prepared: Prepare, table: Table, tmp_path: Path) -> None:
    whole = gzip.compress("\n".join([HEADER, *GOOD * 9_000]).encode(), mtime=0)
    error = refused(prepared, tmp_path, table(whole[: len(whole) * 2 // 3], "ratings.csv.gz"))
    assert "truncated" in str(error)


def test_explicit_ratings_say_which_values_were_seen_and_what_to_set(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    path = table(["userId,movieId,rating,timestamp", "1,2,1,5", "1,3,4.5,6", "2,3,3,6"])
    message = str(refused(prepared, tmp_path, path))
    assert "line 3" in message
    assert "values seen: 1, 3, 4.5" in message
    assert "label.positive_at_least" in message


@pytest.mark.parametrize("strategy", ["time", "leave_last_out"])
def test_a_split_by_time_needs_a_timestamp(
    prepared: Prepare, table: Table, tmp_path: Path, strategy: str
) -> None:
    error = refused(prepared, tmp_path, table([HEADER, *GOOD]), split={"strategy": strategy})
    assert "columns.timestamp" in str(error)


def test_a_directory_with_something_else_is_not_replaced(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("precious")
    assert "in the way" in str(refused(prepared, tmp_path, table([HEADER, *GOOD])))
    assert (tmp_path / "out" / "thesis.txt").read_text() == "precious"


def test_a_failure_leaves_the_earlier_preparation(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    prepared(table([HEADER, *GOOD]))
    before = {path: path.read_bytes() for path in (tmp_path / "out").glob("*.*")}
    refused(prepared, tmp_path, table([HEADER, *GOOD, "1,2,2"]))
    assert {path: path.read_bytes() for path in (tmp_path / "out").glob("*.*")} == before
