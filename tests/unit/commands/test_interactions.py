"""A person's interactions are read, or refused with one clear line, before anything is started."""

from argparse import Namespace
from pathlib import Path

import pytest

from commands import interactions
from commands.console import CommandError
from data_prep.settings import PrepareSettings


def _flags(**given: str) -> Namespace:
    names = ("columns", "positive_at_least", "negatives", "separator", "encoding")
    return Namespace(**dict.fromkeys(names, "") | given)


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
def test_columns_that_are_not_all_given_are_refused(columns: str) -> None:
    with pytest.raises(CommandError, match="COLUMNS="):
        interactions.from_flags(_flags(columns=columns))


def test_a_threshold_that_is_no_number_is_refused() -> None:
    with pytest.raises(CommandError, match="POSITIVE_AT_LEAST=four"):
        interactions.from_flags(_flags(positive_at_least="four"))


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


def test_an_encoding_is_read_and_told_to_the_run(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    path.write_bytes(_stars("user_id,item_id,größe", [0, 1]).encode("latin-1"))
    flags = _flags(encoding="latin-1", columns="user=user_id,item=item_id,label=größe")
    settings, _ = interactions.check(path, interactions.from_flags(flags))
    source = interactions.execution_input("s3://b/raw/ratings.csv", settings)["source"]
    assert source["encoding"] == "latin-1"


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


def test_the_run_is_told_what_was_detected(tmp_path: Path) -> None:
    path = _file(tmp_path, _stars("user_id,item_id,rating", [1, 2, 3, 4, 5]))
    settings, _ = interactions.check(path, PrepareSettings())
    assert interactions.execution_input("s3://b/raw/ratings.csv", settings) == {
        "source": {"uri": "s3://b/raw/ratings.csv"},
        "label": {"positive_at_least": 4.0},
    }
