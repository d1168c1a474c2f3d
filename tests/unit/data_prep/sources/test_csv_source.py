"""Numbers, truth values and declared kinds in CSV."""

from pathlib import Path

import pytest

from data_prep.errors import InputError
from tests.unit.data_prep.conftest import Prepare, Table
from tests.unit.data_prep.ratings import EXPECTED, ROWS, both, labels, lines


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
