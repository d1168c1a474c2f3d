"""A table beside the interactions gives what its columns in the interactions would give."""

import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_prep.encoder import Encoder
from data_prep.errors import InputError
from data_prep.manifest import TableName
from data_prep.pipeline.ingest import Interactions, ingest
from data_prep.settings import PrepareSettings
from tests.unit.data_prep import catalogue
from tests.unit.data_prep.conftest import Prepare, Table
from tests.unit.data_prep.preparations import part
from tests.unit.data_prep.side_features import columns, features
from tests.unit.data_prep.sources.tables import files

JOINED = {
    "columns": catalogue.ROLES,
    "items": {"features": catalogue.ITEM_FEATURES},
    "users": {"features": catalogue.USER_FEATURES},
}


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet", ".jsonl", ".jsonl.gz"])
@pytest.mark.parametrize("negatives", [None, {"per_positive": 2}])
def test_tables_give_the_bytes_of_their_columns_in_the_interactions(
    prepared: Prepare, tmp_path: Path, suffix: str, negatives: dict[str, int] | None
) -> None:
    inside = {"user_features": catalogue.USER_FEATURES, "item_features": catalogue.ITEM_FEATURES}
    whole = catalogue.write(tmp_path / "whole.csv", catalogue.joined())
    prepared(whole, out="ref", columns={**catalogue.ROLES, **inside}, negatives=negatives)
    manifest = prepared(
        catalogue.write(tmp_path / "rows.csv", catalogue.ROWS),
        item_files=[catalogue.write(tmp_path / f"items{suffix}", catalogue.ITEMS)],
        user_files=[catalogue.write(tmp_path / f"users{suffix}", catalogue.USERS)],
        negatives=negatives,
        **JOINED,
    )
    assert files(tmp_path / "out") == files(tmp_path / "ref")
    assert manifest.fields == Encoder.load(tmp_path / "ref").manifest.fields


def test_the_files_of_a_table_are_one_table_at_any_chunk_size(
    prepared: Prepare, tmp_path: Path
) -> None:
    rows = catalogue.write(tmp_path / "rows.csv", catalogue.ROWS)
    users = catalogue.write(tmp_path / "users.csv", catalogue.USERS)
    folder = tmp_path / "items"
    folder.mkdir()
    for n in range(len(catalogue.ITEMS)):
        catalogue.write(folder / f"{n}.csv", catalogue.ITEMS[n : n + 1])
    whole = catalogue.write(tmp_path / "items.csv", catalogue.ITEMS)
    for out, source, block_bytes in (("a", whole, 1 << 24), ("b", folder, 50)):
        prepared(
            rows,
            out=out,
            item_files=[source],
            user_files=[users],
            block_bytes=block_bytes,
            **JOINED,
        )
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_what_a_table_does_not_tell_is_missing_and_numbers_are_the_mean(
    prepared: Prepare, tmp_path: Path
) -> None:
    items = [*catalogue.ITEMS[:3], {**catalogue.ITEMS[3], "year": ""}]  # i4 has no row
    manifest = prepared(
        catalogue.write(tmp_path / "rows.csv", catalogue.ROWS),
        item_files=[catalogue.write(tmp_path / "items.csv", items)],
        **{name: value for name, value in JOINED.items() if name != "users"},
    )
    join = manifest.tables.items
    assert join is not None
    assert (join.missing_ids, join.missing_examples) == (1, ("i4",))
    assert join.missing_numbers == {"year": 1}
    out = tmp_path / "out"
    train = features(out, "train")
    of_item = {
        item: train[train[:, column] == 1]
        for item, column in zip(
            Encoder.load(out).item_ids, Encoder.load(out).item_columns, strict=True
        )
    }
    assert (of_item["i4"][:, columns(out, "genres")] == 0).all()
    assert (of_item["i3"][:, columns(out, "genres")].sum(axis=1) == 1).all()
    for item in ("i3", "i4"):
        assert (of_item[item][:, columns(out, "year")] == 0).all()
    told = np.concatenate([of_item[item] for item in ("i0", "i1", "i2")])[:, columns(out, "year")]
    assert told.mean() == pytest.approx(0, abs=1e-6)
    assert told.std() == pytest.approx(1, abs=1e-6)
    encoder = Encoder.load(out)
    for item, rows in of_item.items():
        (row,) = encoder.encode_items([item]).toarray()
        assert np.array_equal(row[columns(out, "year")], rows[0][columns(out, "year")])
        assert np.array_equal(row[columns(out, "genres")], rows[0][columns(out, "genres")])


def test_doubled_ids_and_unused_rows_are_counted_and_said(
    prepared: Prepare, tmp_path: Path
) -> None:
    other = {**catalogue.ITEMS[1], "year": 1800.5}
    unused = [{"item_id": f"x{n}", "genres": "none", "year": 0.5} for n in range(3)]
    items = [other, catalogue.ITEMS[0], *catalogue.ITEMS, *unused, unused[0]]
    said: list[str] = []
    manifest = prepared(
        catalogue.write(tmp_path / "rows.csv", catalogue.ROWS),
        item_files=[catalogue.write(tmp_path / "items.csv", items)],
        user_files=[catalogue.write(tmp_path / "users.csv", catalogue.USERS[:6])],
        progress=said.append,
        **JOINED,
    )
    join = manifest.tables.items
    assert join is not None
    assert (join.rows, join.matched, join.missing_ids, join.unused_rows) == (11, 5, 0, 4)
    assert (join.doubled_ids, join.conflicting_ids) == (3, 1)
    assert join.conflicting_examples == ("i1",)
    assert "Items: id=item_id, genres (multi_valued), year (numeric)" in said
    assert (
        "Items: 11 rows, 5 items found, 3 ids in several rows (the last one counts), 1 of them "
        "with different values (such as 'i1'), 4 rows unused" in said
    )
    assert "Users: 6 rows, 6 users found, 2 users not found (such as 'u6', 'u7')" in said


def test_of_the_rows_of_an_id_the_last_counts(prepared: Prepare, tmp_path: Path) -> None:
    rows = catalogue.write(tmp_path / "rows.csv", catalogue.ROWS)
    users = catalogue.write(tmp_path / "users.csv", catalogue.USERS)
    first = [{**row, "genres": "western", "year": 1.5} for row in catalogue.ITEMS]
    for out, items in (("a", catalogue.ITEMS), ("b", [*first, *catalogue.ITEMS])):
        table = catalogue.write(tmp_path / f"{out}.csv", items)
        prepared(rows, out=out, item_files=[table], user_files=[users], **JOINED)
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_a_table_with_other_ids_is_refused_with_those_of_both(
    prepared: Prepare, tmp_path: Path
) -> None:
    items = [{**row, "item_id": f"{n}.0"} for n, row in enumerate(catalogue.ITEMS)]
    table = catalogue.write(tmp_path / "items.csv", items)
    with pytest.raises(InputError) as caught:
        prepared(
            catalogue.write(tmp_path / "rows.csv", catalogue.ROWS),
            item_files=[table],
            user_files=[catalogue.write(tmp_path / "users.csv", catalogue.USERS)],
            **JOINED,
        )
    assert (caught.value.file, caught.value.column) == (str(table), "item_id")
    assert "such as '0.0', '1.0'" in str(caught.value)
    assert "such as 'i0', 'i1', 'i2'" in str(caught.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("lines", "line", "column", "value", "problem"),
    [
        (
            ["item_id,genres,year", "i0,drama,1990", "i1,drama,old"],
            3,
            "year",
            "old",
            "not a number",
        ),
        (["item_id,genres,year", "i0,drama,1990", "i1,drama,nan"], 3, "year", "nan", "not finite"),
        (["item_id,genres,year", "i0,drama,1990", ",drama,1991"], 3, "item_id", "", "is empty"),
        (["item_id,genres,year", "i0,drama,1990", "i1,drama"], 3, None, "i1,drama", "2 columns"),
        (["item_id,genre,year", "i0,drama,1990"], None, "genres", None, "no such column"),
        (["item_id,genres,year"], None, None, None, "no rows"),
    ],
)
def test_a_bad_table_is_refused_with_its_place(
    prepared: Prepare,
    table: Table,
    tmp_path: Path,
    lines: list[str],
    line: int | None,
    column: str | None,
    value: str | None,
    problem: str,
) -> None:
    path = table(lines, "items.csv")
    with pytest.raises(InputError, match=problem) as caught:
        prepared(
            catalogue.write(tmp_path / "rows.csv", catalogue.ROWS),
            item_files=[path],
            items=JOINED["items"],
        )
    error = caught.value
    assert (error.file, error.line, error.column, error.value) == (str(path), line, column, value)


@pytest.mark.parametrize("name", ["items", "users"])
def test_settings_of_a_table_that_is_not_there_are_refused(
    prepared: Prepare, tmp_path: Path, name: str
) -> None:
    rows = catalogue.write(tmp_path / "rows.csv", catalogue.ROWS)
    with pytest.raises(InputError, match=f"settings for a table of {name}, and no such table"):
        prepared(rows, **{name: JOINED[name]})


def test_a_table_is_in_the_fingerprints(prepared: Prepare, tmp_path: Path) -> None:
    manifest = prepared(
        catalogue.write(tmp_path / "rows.csv", catalogue.ROWS),
        item_files=[catalogue.write(tmp_path / "items.csv", catalogue.ITEMS)],
        items=JOINED["items"],
    )
    assert [file.name for file in manifest.fingerprints.sources] == ["rows.csv"]
    assert [file.name for file in manifest.fingerprints.items] == ["items.csv"]
    assert manifest.fingerprints.users == ()
    assert part(tmp_path / "out", "train")[0].shape[1] == manifest.feature_dim


IDS = st.sampled_from(["a", "b", "c", "d", "\u00e9", " a"])
NUMBERS = st.none() | st.floats(width=32, allow_nan=False, allow_infinity=False)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(IDS, min_size=1, max_size=12),
    st.lists(st.tuples(IDS, st.none() | st.text(max_size=3), NUMBERS), min_size=1, max_size=12),
    st.integers(1, 400),
)
def test_a_join_is_the_left_join_of_arrow(
    items: list[str], rows: list[tuple[str, str | None, float | None]], block_bytes: int
) -> None:
    table = pa.table(
        {
            "item_id": pa.array([row[0] for row in rows], pa.string()),
            "word": pa.array([row[1] for row in rows], pa.string()),
            "number": pa.array([row[2] for row in rows], pa.float64()),
        }
    )
    last = table.take(list({row[0]: place for place, row in enumerate(rows)}.values()))
    interactions = pa.table({"user_id": items, "item_id": items, "n": range(len(items))})
    expected = interactions.join(last, "item_id", join_type="left outer").sort_by("n")
    chosen = PrepareSettings.model_validate(
        {
            "columns": {"user": "user_id", "item": "item_id", "label": None},
            "negatives": {},
            "items": {"features": ["word", {"name": "number", "kind": "numeric"}]},
        }
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pq.write_table(interactions, folder / "rows.parquet")
        pq.write_table(table, folder / "items.parquet")

        def join() -> Interactions:
            sources = [folder / "rows.parquet"]
            tables: dict[TableName, list[Path]] = {"items": [folder / "items.parquet"]}
            return ingest(sources, tables, chosen, folder / "spool", block_bytes, said.append)

        said: list[str] = []
        if not {*items} & {row[0] for row in rows}:
            with pytest.raises(InputError, match="no id of the table"):
                join()
            return
        found = join()
        (spooled,) = found.spool.blocks()
    word, number = (field.key for field in found.fields if field.joined_by)
    texts = found.codes[word].texts
    assert [texts[code] for code in spooled[word]] == [
        one or "" for one in expected["word"].to_pylist()
    ]
    numbers = expected["number"].combine_chunks().to_numpy(zero_copy_only=False)
    assert np.array_equal(spooled[number], numbers, equal_nan=True)
    counts = found.tables.items
    assert counts is not None
    assert counts.matched == len({*items} & {*last["item_id"].to_pylist()})
    assert counts.matched + counts.missing_ids == len({*items})
    assert counts.unused_rows == sum(row[0] not in items for row in rows)
    assert counts.doubled_ids == sum(n > 1 for n in Counter(row[0] for row in rows).values())
    different = {
        row[0]: {(one[1] or "", one[2]) for one in rows if one[0] == row[0]} for row in rows
    }
    assert counts.conflicting_ids == sum(len(values) > 1 for values in different.values())
