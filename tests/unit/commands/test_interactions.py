"""A person's interactions are read, or refused with one clear line, before anything is started."""

from argparse import Namespace
from pathlib import Path

import pytest

from commands import interactions
from commands.console import CommandError
from data_prep.settings import PrepareSettings


def _flags(**given: str) -> Namespace:
    return Namespace(**{"columns": "", "positive_at_least": "", "separator": "", **given})


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


@pytest.mark.parametrize("columns", ["user=u,item=i", "user=u,item=i,label=r,colour=c", "u,i,r"])
def test_columns_that_are_not_all_given_are_refused(columns: str) -> None:
    with pytest.raises(CommandError, match="COLUMNS="):
        interactions.from_flags(_flags(columns=columns))


def test_a_threshold_that_is_no_number_is_refused() -> None:
    with pytest.raises(CommandError, match="POSITIVE_AT_LEAST=four"):
        interactions.from_flags(_flags(positive_at_least="four"))


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
