"""Frames give what files give, and what is wrong in them is named by row and column."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from data_prep import InputError, Manifest, PrepareSettings, prepare
from data_prep.sources.frame import Frame, FrameFile
from data_prep.survey import survey
from tests.unit.data_prep import catalogue
from tests.unit.data_prep.sources.tables import COLUMNS, ROWS, files, parquet
from tests.unit.data_prep.test_dependencies import MODULES

SETTINGS = PrepareSettings.model_validate({"columns": COLUMNS})
PANDAS = pd.DataFrame(ROWS)
TIMES = pd.to_datetime(PANDAS["ts"], unit="s")
FORMS: dict[str, Frame] = {
    "pandas": PANDAS,
    "pyarrow": pa.Table.from_pylist(ROWS),
    "a stream": pa.Table.from_pylist(ROWS).to_reader(max_chunksize=7),
    "categories": PANDAS.astype({"item": "category", "user": "category"}),
    "nullable integers": PANDAS.astype({"user": "Int64", "label": "Int8", "ts": "Int64"}),
    "nullable booleans": PANDAS.astype({"label": "boolean"}),
    "strings": PANDAS.astype({"item": "string", "user": str}),
    "objects": PANDAS.astype({"item": object, "user": object}),
    "floating-point labels": PANDAS.astype({"label": "float32"}),
    "another index": PANDAS.set_index(np.arange(len(PANDAS))[::-1]),
    "a row index of several levels": PANDAS.set_index([["a"] * 120, list(range(120))]),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_frame_gives_the_bytes_of_csv(
    tmp_path: Path, reference: dict[str, str], form: str
) -> None:
    prepare(FORMS[form], tmp_path / "out", SETTINGS)
    assert files(tmp_path / "out") == reference


def test_the_index_of_a_pandas_frame_is_no_column(tmp_path: Path) -> None:
    names = {"user": "user_id", "item": "item_id", "ts": "timestamp"}
    frame = PANDAS.assign(ts=TIMES).rename(columns=names).set_index("timestamp")
    assert prepare(frame, tmp_path / "out", PrepareSettings()).columns.timestamp is None
    columns = prepare(frame.reset_index(), tmp_path / "out", PrepareSettings()).columns
    assert columns.timestamp == "timestamp"


@pytest.mark.parametrize(
    "times",
    [TIMES, TIMES.dt.tz_localize("UTC"), TIMES.dt.as_unit("ns"), TIMES.dt.strftime("%F %T")],
    ids=["datetimes", "with a zone", "in nanoseconds", "as text"],
)
def test_datetimes_give_the_bytes_of_seconds(tmp_path: Path, times: Any) -> None:
    by_time = SETTINGS.model_copy(
        update={"split": PrepareSettings.model_validate({"split": {"strategy": "time"}}).split}
    )
    prepare(PANDAS, tmp_path / "seconds", by_time)
    prepare(PANDAS.assign(ts=times), tmp_path / "times", by_time)
    assert files(tmp_path / "times") == files(tmp_path / "seconds")


def _as_polars(table: pa.Table) -> pa.Table:
    """Return a table of the types that polars exports."""
    texts, lists = pa.string_view(), pa.large_list(pa.string_view())
    users = table["user"].cast(pa.string()).cast(texts)
    codes, names = np.unique(table["item"].to_pylist(), return_inverse=True)[::-1]
    items = pa.DictionaryArray.from_arrays(pa.array(codes, pa.uint32()), pa.array(names, texts))
    tags = pa.array(table["tags"].to_pylist(), lists)
    for name, column in {"user": users, "item": items, "tags": tags}.items():
        table = table.set_column(table.column_names.index(name), name, column)
    return table


def test_the_types_of_polars_are_read(tmp_path: Path, reference: dict[str, str]) -> None:
    prepare(_as_polars(pa.Table.from_pylist(ROWS)), tmp_path / "out", SETTINGS)
    assert files(tmp_path / "out") == reference


def _without_fingerprints(manifest: Manifest) -> dict[str, object]:
    return manifest.model_dump(exclude={"fingerprints"})


def test_the_manifest_is_that_of_a_file_but_for_the_fingerprint(tmp_path: Path) -> None:
    of_file = prepare(parquet(tmp_path / "r.parquet", ROWS), tmp_path / "file", SETTINGS)
    of_frame = prepare(PANDAS, tmp_path / "frame", SETTINGS)
    assert _without_fingerprints(of_frame) == _without_fingerprints(of_file)
    (source,) = of_frame.fingerprints.sources
    assert source.name == "DataFrame of interactions"


def test_equal_frames_are_the_same_bytes_however_they_are_cut() -> None:
    table = pa.table({"times": np.random.default_rng(1).normal(size=200_000)})
    cut = pa.concat_tables([table.slice(start, 30_001) for start in range(0, 200_000, 30_001)])
    first, second, third = (
        FrameFile.of(one, "it").open().read() for one in (table, cut, table.slice(1))
    )
    assert first == second != third


def test_frames_and_files_are_one_input(tmp_path: Path, reference: dict[str, str]) -> None:
    rest = parquet(tmp_path / "rest.parquet", ROWS[50:90])
    prepare([PANDAS[:50], rest, PANDAS[90:]], tmp_path / "out", SETTINGS)
    assert files(tmp_path / "out") == reference


def test_tables_of_items_and_users_may_be_frames(tmp_path: Path) -> None:
    settings = PrepareSettings.model_validate(
        {
            "columns": catalogue.ROLES,
            "items": {"features": catalogue.ITEM_FEATURES},
            "users": {"features": catalogue.USER_FEATURES},
        }
    )
    tables = (catalogue.ROWS, catalogue.ITEMS, catalogue.USERS)
    rows, items, users = map(pd.DataFrame, tables)
    of_frames = prepare(rows, tmp_path / "frames", settings, items=items, users=users)
    paths = [tmp_path / f"{name}.parquet" for name in ("rows", "items", "users")]
    for path, table in zip(paths, tables, strict=True):
        parquet(path, table)
    of_files = prepare(paths[0], tmp_path / "files", settings, items=paths[1], users=[paths[2]])
    assert files(tmp_path / "frames") == files(tmp_path / "files")
    assert of_frames.tables == of_files.tables


def test_a_frame_can_be_surveyed(tmp_path: Path) -> None:
    table = survey(PANDAS.rename(columns={"user": "user_id"}), PrepareSettings())
    assert (table.rows, table.columns.user) == (120, "user_id")


def _at(row: int, value: object) -> Callable[[Any], Any]:
    return lambda column: [value if n == row else old for n, old in enumerate(column)]


@pytest.mark.parametrize(
    ("column", "changed", "row", "message"),
    [
        ("user", _at(33, float("nan")), 33, "a double is not an id: .* missing, which makes"),
        ("user", lambda column: pd.array(_at(33, None)(column), "Int64"), 33, "the id is empty"),
        ("item", _at(7, None), 7, "the id is empty"),
        ("item", _at(7, float("nan")), 7, "the id is empty"),
        ("item", lambda column: pd.Categorical(_at(7, None)(column)), 7, "the id is empty"),
        ("item", _at(70, 5), 70, "the value cannot be used .*have one type"),
        ("user", _at(70, "x"), 70, "the value cannot be used .*'x'"),
        ("label", _at(9, 2), 9, "a label of a binary_classifier is 0 or 1"),
        ("label", _at(9, float("nan")), 9, "the value is missing"),
        ("ts", lambda _: TIMES.where(TIMES.index != 12), 12, "the value is missing"),
    ],
)
def test_a_value_that_cannot_be_is_named_by_row_and_column(
    tmp_path: Path, column: str, changed: Callable[[Any], Any], row: int, message: str
) -> None:
    frame = PANDAS.assign(**{column: changed(PANDAS[column])})
    with pytest.raises(InputError, match=message) as refusal:
        prepare(frame, tmp_path / "out", SETTINGS)
    assert (refusal.value.row, refusal.value.row_group) == (row, None)
    assert str(refusal.value).startswith(f"DataFrame of interactions, row {row}, column '{column}'")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (PANDAS[:0], "no rows"),
        (PANDAS.rename(columns={"item": "user"}), "Duplicate column names"),
        (PANDAS["user"], "Series of interactions: the frame cannot be read"),
        (PANDAS.drop(columns="label"), "DataFrame of interactions, column 'label'"),
        (PANDAS.astype({"user": float}), "column 'user': a double is not an id"),
        (PANDAS.set_index("user"), "column 'user': the file has no such column"),
    ],
)
def test_a_frame_that_is_no_such_table_is_refused(
    tmp_path: Path, frame: Frame, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        prepare(frame, tmp_path / "out", SETTINGS)


def test_of_several_frames_the_refused_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^DataFrame 2 of interactions, row 3, column 'item'"):
        prepare(
            [PANDAS, PANDAS.assign(item=_at(3, None)(PANDAS["item"]))], tmp_path / "out", SETTINGS
        )


@pytest.mark.parametrize("source", ["ratings.csv", 5, None, {"user": [1]}])
def test_what_is_neither_a_file_nor_a_frame_is_a_type_error(tmp_path: Path, source: Any) -> None:
    with pytest.raises(TypeError, match="neither a Path nor a table"):
        prepare(source, tmp_path / "out", SETTINGS)


def test_the_library_does_not_load_pandas() -> None:
    names = [path.stem for path in MODULES if path.parent.name == "sources"]
    loaded = ", ".join(f"data_prep.sources.{name}" for name in names if name != "__init__")
    code = f"import sys, data_prep.preparation, {loaded}\nassert 'pandas' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
