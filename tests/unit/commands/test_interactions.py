"""A person's interactions are read, or refused with one clear line, before anything is started."""

import contextlib
from argparse import Namespace
from pathlib import Path
from unittest.mock import Mock

import pytest

from commands import interactions
from commands.console import CommandError
from data_prep.preparation import prepare
from data_prep.settings import PrepareSettings


def _flags(**values: str) -> Namespace:
    flags = ("columns", "positive_at_least", "negatives", "separator", "encoding")
    return Namespace(**dict.fromkeys(flags, "") | values)


def _file(folder: Path, text: str, name: str = "ratings.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def _stars(header: str, values: list[float]) -> str:
    rows = [f"{n % 7},{n % 5},{values[n % len(values)]:g}" for n in range(60)]
    return "\n".join([header, *rows, ""])


def test_flags_become_settings() -> None:
    flags = _flags(columns="user=u,item=i,label=r", positive_at_least="4", separator="\\t")
    settings = interactions.from_flags(flags)
    assert settings.columns is not None
    assert (settings.columns.user, settings.columns.label) == ("u", "r")
    assert settings.label.positive_at_least == 4
    assert settings.separator == "\t"


@pytest.mark.parametrize("columns", ["user=u", "user=u,item=i,label=r,colour=c", "u,i,r"])
def test_columns_that_do_not_name_user_and_item_are_refused(columns: str) -> None:
    with pytest.raises(CommandError, match="COLUMNS="):
        interactions.from_flags(_flags(columns=columns))


def test_a_threshold_that_is_no_number_is_refused() -> None:
    with pytest.raises(CommandError, match="POSITIVE_AT_LEAST=four"):
        interactions.from_flags(_flags(positive_at_least="four"))


def test_one_column_of_two_roles_is_refused_in_our_words_alone() -> None:
    with pytest.raises(CommandError) as refused:
        interactions.from_flags(_flags(columns="user=u,item=u"))
    assert str(refused.value) == "column 'u' has two roles"


def test_a_number_of_negatives_that_is_too_small_is_refused_with_its_flag() -> None:
    with pytest.raises(CommandError, match=r"^negatives\.per_positive: .*'0.0'.*NEGATIVES=4"):
        interactions.from_flags(_flags(negatives="0"))


def test_columns_without_a_label_need_negatives(tmp_path: Path) -> None:
    path = _file(tmp_path, "u,i\n1,2\n")
    settings = interactions.from_flags(_flags(columns="user=u,item=i"))
    with pytest.raises(CommandError, match=r"columns\.label, or ask for negatives.*NEGATIVES=4"):
        interactions.check(path, settings)


def test_interactions_without_dislikes_get_sampled_negatives(tmp_path: Path) -> None:
    rows = [f"{n % 7},{n % 5}" for n in range(20)]
    path = _file(tmp_path, "\n".join(["user_id,item_id", *rows, ""]))
    settings, manifest = interactions.check(path, interactions.from_flags(_flags(negatives="1")))
    assert manifest.rows.train + manifest.rows.test > len(rows)
    assert interactions.execution_input("s3://b/raw/clicks.csv", settings) == {
        "source": {"uri": "s3://b/raw/clicks.csv"},
        "negatives": {"per_positive": 1},
    }


def test_an_encoding_is_used_here_and_passed_to_the_run(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    path.write_bytes(_stars("user_id,item_id,größe", [0, 1]).encode("latin-1"))
    flags = _flags(encoding="latin-1", columns="user=user_id,item=item_id,label=größe")
    settings, _ = interactions.check(path, interactions.from_flags(flags))
    document = interactions.execution_input("s3://b/raw/ratings.csv", settings)
    assert document["source"] == {"uri": "s3://b/raw/ratings.csv", "encoding": "latin-1"}


def test_a_refusal_names_the_flag_that_settles_it(tmp_path: Path) -> None:
    path = _file(tmp_path, _stars("kunde,artikel,note", [0, 1]))
    with pytest.raises(CommandError, match="COLUMNS=user=<column>"):
        interactions.check(path, PrepareSettings())


def test_stars_of_five_are_liked_from_four(tmp_path: Path) -> None:
    path = _file(tmp_path, _stars("user_id,item_id,rating", [0.5, 2, 3.5, 4, 5]))
    settings, manifest = interactions.check(path, PrepareSettings())
    assert settings.label.positive_at_least == 4
    assert manifest.positives is not None


def test_labels_on_no_known_scale_are_refused_with_the_value(tmp_path: Path) -> None:
    path = _file(tmp_path, _stars("user_id,item_id,rating", [1, 2, 37]))
    with pytest.raises(CommandError, match=r"ratings\.csv.*column 'rating'.*'?2'?"):
        interactions.check(path, PrepareSettings())


def test_stars_of_ten_are_liked_from_eight(tmp_path: Path) -> None:
    path = _file(tmp_path, _stars("user_id,item_id,rating", [1, 3, 7, 8, 10]))
    assert interactions.check(path, PrepareSettings())[0].label.positive_at_least == 8


def test_stars_that_are_all_liked_are_refused(tmp_path: Path) -> None:
    path = _file(tmp_path, _stars("user_id,item_id,rating", [4, 4.5, 5]))
    with pytest.raises(CommandError, match=r"one class only.*POSITIVE_AT_LEAST=4"):
        interactions.check(path, PrepareSettings())


@pytest.mark.parametrize(
    ("header", "labels"),
    [
        ("user_id,item_id,rating", [0, 1]),
        ("user_id,item_id,rating", [1, 2, 3, 4, 5]),
        ("user_id,item_id,rating", [1, 2, 37]),
        ("kunde,artikel,note", [0, 1]),
    ],
)
def test_the_interactions_are_prepared_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, header: str, labels: list[float]
) -> None:
    counter = Mock(wraps=prepare)
    monkeypatch.setattr(interactions, "prepare", counter)
    path = _file(tmp_path, _stars(header, labels))
    with contextlib.suppress(CommandError):
        interactions.check(path, PrepareSettings())
    assert counter.call_count == 1


def test_with_a_threshold_the_labels_are_not_surveyed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interactions, "survey", Mock(side_effect=AssertionError))
    path = _file(tmp_path, _stars("user_id,item_id,rating", [1, 2, 3, 4, 5]))
    settings, _ = interactions.check(path, interactions.from_flags(_flags(positive_at_least="3")))
    assert settings.label.positive_at_least == 3


def test_the_run_uses_the_threshold_that_was_detected(tmp_path: Path) -> None:
    path = _file(tmp_path, _stars("user_id,item_id,rating", [1, 2, 3, 4, 5]))
    settings, _ = interactions.check(path, PrepareSettings())
    assert interactions.execution_input("s3://b/raw/ratings.csv", settings) == {
        "source": {"uri": "s3://b/raw/ratings.csv"},
        "label": {"positive_at_least": 4.0},
    }
