"""Flags become files and settings, or are refused in one line that names the flag."""

from pathlib import Path

import pytest

from commands import flags
from commands.console import CommandError
from data_prep.settings import History, Negatives
from tests.unit.commands.flag_values import flag_values


def test_flags_become_settings() -> None:
    given = flag_values(columns="user=u,item=i,label=r", positive_at_least="4", separator="\\t")
    settings = flags.settings(given)
    assert settings.columns is not None
    assert (settings.columns.user, settings.columns.label) == ("u", "r")
    assert settings.label.positive_at_least == 4
    assert settings.separator == "\t"


@pytest.mark.parametrize("columns", ["user=u", "user=u,item=i,label=r,colour=c", "u,i,r"])
def test_columns_that_do_not_name_user_and_item_are_refused(columns: str) -> None:
    with pytest.raises(CommandError, match="COLUMNS="):
        flags.settings(flag_values(columns=columns))


def test_a_threshold_that_is_no_number_is_refused() -> None:
    with pytest.raises(CommandError, match="POSITIVE_AT_LEAST=four"):
        flags.settings(flag_values(positive_at_least="four"))


def test_one_column_of_two_roles_is_refused_in_our_words_alone() -> None:
    with pytest.raises(CommandError) as refused:
        flags.settings(flag_values(columns="user=u,item=u"))
    assert str(refused.value) == "column 'u' has two roles"


def test_a_number_of_negatives_that_is_too_small_is_refused_with_its_flag() -> None:
    with pytest.raises(CommandError, match=r"^negatives\.per_positive: .*'0.0'.*NEGATIVES=4"):
        flags.settings(flag_values(negatives="0"))


def test_the_purpose_is_ranking_unless_another_is_given() -> None:
    assert flags.settings(flag_values()).purpose == "ranking"
    assert flags.settings(flag_values(purpose="rating")).predictor_type == "regressor"


def test_a_purpose_that_there_is_not_is_refused_with_those_there_are() -> None:
    with pytest.raises(CommandError, match=r"^purpose: .*'classification'.*'sorting'.*PURPOSE="):
        flags.settings(flag_values(purpose="sorting"))


def test_the_numbers_of_a_ranking_become_settings() -> None:
    settings = flags.settings(flag_values(negatives="8", exponent="0.5", history="30"))
    assert settings.negatives == Negatives(per_positive=8, by="popularity", exponent=0.5)
    assert settings.history == History(most=30)


def test_what_is_not_given_is_left_to_the_plan() -> None:
    settings = flags.settings(flag_values())
    assert settings.model_fields_set == {"purpose", "predictor_type"}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"history": "0"}, r"history\.most: .*'0.0'.*HISTORY=50"),
        ({"history": "many"}, "HISTORY=many: give a number"),
        ({"exponent": "-1"}, r"negatives\.exponent: .*EXPONENT=0\.3"),
        ({"history": "9", "purpose": "classification"}, "history is for purpose ranking"),
        ({"negatives": "4", "purpose": "rating"}, "negatives are for"),
        ({"items": "m.csv", "item_features": "a,a"}, r"items: column 'a' has two roles"),
    ],
)
def test_values_that_are_not_valid_are_refused(values: dict[str, str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        flags.settings(flag_values(**values))


def test_files_go_by_the_keys_of_the_input() -> None:
    files = flags.files(flag_values(data="a/r.csv", users="u.csv"))
    assert files is not None
    assert files.by_key == {"source": Path("a/r.csv"), "users": Path("u.csv")}
    assert flags.files(flag_values()) is None


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"items": "m.csv"}, "ITEMS=m.csv goes with interactions.*DATA=<file>"),
        ({"data": "r.csv", "user_features": "age"}, "USER_FEATURES=age .*USERS=<file>"),
        ({"data": "a/x.csv", "items": "b/x.csv"}, r"two of the files are named x\.csv"),
    ],
)
def test_files_that_cannot_go_together_are_refused(values: dict[str, str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        flags.files(flag_values(**values))


@pytest.mark.parametrize("values", [{"data": "x.csv"}, {"purpose": "ranking"}, {"history": "5"}])
def test_the_labs_interactions_take_no_flags(values: dict[str, str]) -> None:
    (name, value), *_ = values.items()
    with pytest.raises(CommandError, match=f"^LAB=1 .* leave out {name.upper()}={value}, or name"):
        flags.refuse_with_lab(flag_values(**values), "LAB=1")


def test_the_lab_is_for_classification() -> None:
    flags.refuse_with_lab(flag_values(purpose="classification"), "LAB=1")
