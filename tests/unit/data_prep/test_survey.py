"""A survey says what a table holds without preparing it."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_prep.errors import InputError
from data_prep.settings import PrepareSettings
from data_prep.survey import MOST_DISTINCT, Labels, survey
from tests.unit.data_prep.conftest import Table

STARS = [f"u{n % 7},i{n % 5},{value},{n}" for n, value in enumerate([0.5, 4, 5, 4, 0.5] * 20)]
HEADER = "userId,movieId,rating,timestamp"


def test_roles_are_those_that_a_preparation_would_use(table: Table) -> None:
    columns = survey([table([HEADER, *STARS])], PrepareSettings()).columns
    named = (columns.user, columns.item, columns.label, columns.timestamp)
    assert named == ("userId", "movieId", "rating", "timestamp")


def test_labels_are_those_of_the_table_whatever_a_classifier_takes(table: Table) -> None:
    settings = PrepareSettings.model_validate({"label": {"positive_at_least": 4}})
    found = survey([table([HEADER, *STARS])], settings)
    assert found.labels == Labels(0.5, 5, (0.5, 4, 5))
    assert found.rows == 100


def test_a_table_without_a_label_is_counted(table: Table) -> None:
    settings = PrepareSettings.model_validate({"negatives": {"per_positive": 1}})
    found = survey([table(["user_id,item_id", "1,2", "1,3"])], settings)
    assert found.columns.label is None
    assert found.labels is None
    assert found.rows == 2


@pytest.mark.parametrize("distinct", [MOST_DISTINCT, MOST_DISTINCT + 1])
def test_many_different_labels_are_a_range_alone(table: Table, distinct: int) -> None:
    rows = [f"u,i,{n}" for n in range(distinct)] * 2
    labels = survey([table(["user,item,rating", *rows])], PrepareSettings()).labels
    listed = tuple(map(float, range(distinct))) if distinct == MOST_DISTINCT else None
    assert labels == Labels(0, distinct - 1, listed)


def test_several_files_and_formats_are_one_table(table: Table, tmp_path: Path) -> None:
    columns = {"user": ["a"], "item": ["b"], "rating": pa.array([-3], pa.int8())}
    pq.write_table(pa.table(columns), tmp_path / "second.parquet")
    first = table(["user,item,rating", "1,2,7"])
    found = survey([first, tmp_path / "second.parquet"], PrepareSettings())
    assert (found.rows, found.labels) == (2, Labels(-3, 7, (-3, 7)))


def test_the_block_that_a_label_is_in_does_not_matter(table: Table) -> None:
    path = table([HEADER, *STARS])
    whole = survey([path], PrepareSettings())
    assert survey([path], PrepareSettings(), block_bytes=100) == whole


@pytest.mark.parametrize(("value", "problem"), [("nan", "not finite"), ("", "missing")])
def test_a_label_that_is_no_number_is_named(table: Table, value: str, problem: str) -> None:
    path = table([HEADER, *STARS, f"u,i,{value},1"])
    with pytest.raises(InputError, match=problem) as caught:
        survey([path], PrepareSettings())
    assert (caught.value.line, caught.value.column, caught.value.file) == (102, "rating", str(path))


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (["a,b,rating,ts", "1,2,3,4"], "which column is the user is not clear"),
        ([HEADER], "no rows"),
        (["user_id,item_id", "1,2"], "ask for negatives"),
    ],
)
def test_a_table_that_cannot_be_surveyed_is_refused(
    table: Table, lines: list[str], problem: str
) -> None:
    with pytest.raises(InputError, match=problem):
        survey([table(lines)], PrepareSettings())


def test_only_labels_are_looked_at(table: Table) -> None:
    found = survey([table([HEADER, ",,1,not a time", "u,i,0,1"])], PrepareSettings())
    assert found.labels is not None
    assert np.array_equal(found.labels.distinct or (), [0, 1])
