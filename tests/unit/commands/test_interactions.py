"""A person's interactions are read, or refused with one clear line, before anything is started."""

import contextlib
from pathlib import Path
from unittest.mock import Mock

import pytest

from commands import flags, interactions
from commands.console import CommandError
from commands.flags import Files
from data_prep.preparation import rehearse
from data_prep.settings import Label, PrepareSettings
from tasks.preparing.requests import prepare_settings
from tasks.run import execution_input
from tests.unit.commands.flag_values import flag_values

CLASSIFICATION = PrepareSettings(purpose="classification")
CLASSIFICATION_FROM_4 = PrepareSettings(label=Label(positive_at_least=4))
RANKING = PrepareSettings(purpose="ranking")


def _file(folder: Path, text: str, name: str = "ratings.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def _stars(header: str, values: list[float]) -> str:
    rows = [f"{n % 7},{n % 5},{values[n % len(values)]:g}" for n in range(60)]
    return "\n".join([header, *rows, ""])


def test_columns_without_a_label_need_negatives(tmp_path: Path) -> None:
    path = _file(tmp_path, "u,i\n1,2\n")
    settings = flags.settings(flag_values(columns="user=u,item=i", purpose="classification"))
    with pytest.raises(CommandError, match=r"columns\.label, or ask for negatives.*NEGATIVES=4"):
        interactions.check(Files(path), settings)


def test_interactions_without_dislikes_get_sampled_negatives(tmp_path: Path) -> None:
    rows = [f"{n % 7},{n % 5}" for n in range(20)]
    path = _file(tmp_path, "\n".join(["user_id,item_id", *rows, ""]))
    settings, found = interactions.check(
        Files(path), flags.settings(flag_values(negatives="1", purpose="classification"))
    )
    assert found.rows == len(rows)
    assert interactions.execution_input({"source": "s3://b/raw/clicks.csv"}, settings) == {
        "source": {"uri": "s3://b/raw/clicks.csv"},
        "purpose": "classification",
        "negatives": {"per_positive": 1},
    }


def test_an_encoding_is_used_here_and_passed_to_the_run(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    path.write_bytes(_stars("user_id,item_id,größe", [0, 1]).encode("latin-1"))
    columns = "user=user_id,item=item_id,label=größe"
    given = flag_values(encoding="latin-1", columns=columns, purpose="classification")
    settings, _ = interactions.check(Files(path), flags.settings(given))
    document = interactions.execution_input({"source": "s3://b/raw/ratings.csv"}, settings)
    assert document["source"] == {"uri": "s3://b/raw/ratings.csv", "encoding": "latin-1"}


def test_a_refusal_names_the_flag_that_settles_it(tmp_path: Path) -> None:
    path = _file(tmp_path, _stars("kunde,artikel,note", [0, 1]))
    with pytest.raises(CommandError, match="COLUMNS=user=<column>"):
        interactions.check(Files(path), CLASSIFICATION)


def test_stars_of_five_are_liked_from_four(tmp_path: Path) -> None:
    path = _file(tmp_path, _stars("user_id,item_id,rating", [0.5, 2, 3.5, 4, 5]))
    settings, found = interactions.check(Files(path), CLASSIFICATION)
    assert settings.label.positive_at_least == 4
    assert found.plan is None


def test_labels_on_no_known_scale_are_refused_with_the_value(tmp_path: Path) -> None:
    path = _file(tmp_path, _stars("user_id,item_id,rating", [1, 2, 37]))
    with pytest.raises(CommandError, match=r"ratings\.csv.*column 'rating'.*'?2'?"):
        interactions.check(Files(path), CLASSIFICATION)


def test_stars_of_ten_are_liked_from_eight(tmp_path: Path) -> None:
    path = _file(tmp_path, _stars("user_id,item_id,rating", [1, 3, 7, 8, 10]))
    assert interactions.check(Files(path), CLASSIFICATION)[0].label.positive_at_least == 8


def test_stars_that_are_all_liked_are_refused(tmp_path: Path) -> None:
    path = _file(tmp_path, _stars("user_id,item_id,rating", [4, 4.5, 5]))
    with pytest.raises(CommandError, match=r"one class only.*POSITIVE_AT_LEAST=4"):
        interactions.check(Files(path), CLASSIFICATION)


@pytest.mark.parametrize(
    ("header", "labels"),
    [
        ("user_id,item_id,rating", [0, 1]),
        ("user_id,item_id,rating", [1, 2, 3, 4, 5]),
        ("user_id,item_id,rating", [1, 2, 37]),
        ("kunde,artikel,note", [0, 1]),
    ],
)
def test_the_interactions_are_rehearsed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, header: str, labels: list[float]
) -> None:
    counter = Mock(wraps=rehearse)
    monkeypatch.setattr(interactions, "rehearse", counter)
    path = _file(tmp_path, _stars(header, labels))
    with contextlib.suppress(CommandError):
        interactions.check(Files(path), CLASSIFICATION)
    assert counter.call_count == 1


def test_with_a_threshold_the_labels_are_not_surveyed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interactions, "survey", Mock(side_effect=AssertionError))
    path = _file(tmp_path, _stars("user_id,item_id,rating", [1, 2, 3, 4, 5]))
    settings, _ = interactions.check(
        Files(path), flags.settings(flag_values(positive_at_least="3", purpose="classification"))
    )
    assert settings.label.positive_at_least == 3


def test_the_run_uses_the_threshold_that_was_detected(tmp_path: Path) -> None:
    path = _file(tmp_path, _stars("user_id,item_id,rating", [1, 2, 3, 4, 5]))
    settings, _ = interactions.check(Files(path), CLASSIFICATION)
    assert interactions.execution_input({"source": "s3://b/raw/ratings.csv"}, settings) == {
        "source": {"uri": "s3://b/raw/ratings.csv"},
        "purpose": "classification",
        "label": {"positive_at_least": 4.0},
    }


def test_ratings_to_be_learned_get_no_threshold(tmp_path: Path) -> None:
    path = _file(tmp_path, _stars("user_id,item_id,rating", [1, 2, 3, 4, 5]))
    settings, _ = interactions.check(Files(path), PrepareSettings(purpose="rating"))
    assert settings.label.positive_at_least is None


def test_a_ranking_is_checked_with_its_size_plan_and_needs_no_dislikes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"{n % 17},{n % 13}" for n in range(200)]
    path = _file(tmp_path, "\n".join(["user_id,item_id", *rows, ""]))
    interactions.check_step(Files(path), RANKING)
    checked, plan, by_time = capsys.readouterr().out.splitlines()
    assert "200 rows; user=user_id, item=item_id; every row is positive" in checked
    assert plan.startswith("Plan: 10 negatives for each positive, histories of up to 100")
    assert by_time == "No second model by time: the interactions have no timestamps."


@pytest.mark.parametrize(
    ("not_by_time", "line", "given"),
    [
        ("", "A second model is trained by time, to judge only: on all but the latest 20%", {}),
        ("why", "No second model by time: why.", {"evaluation": {"by_time": False}}),
    ],
)
def test_with_timestamps_a_second_model_is_announced_and_can_be_left_out(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    not_by_time: str,
    line: str,
    given: dict[str, object],
) -> None:
    rows = [f"{n % 17},{n % 13},{n}" for n in range(200)]
    path = _file(tmp_path, "\n".join(["user_id,item_id,timestamp", *rows, ""]))
    checked = interactions.check_step(Files(path), RANKING, not_by_time=not_by_time)
    assert line in capsys.readouterr().out
    monkeypatch.setattr(interactions, "boto3", Mock())
    document = interactions.upload_step(checked, "bucket")
    assert {key: document[key] for key in document if key == "evaluation"} == given
    assert execution_input.parse(document).evaluation.by_time is (False if given else None)


def test_a_table_is_joined_and_what_does_not_fit_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _file(tmp_path, _stars("user_id,item_id,rating", [1, 5]))
    items = _file(tmp_path, "item_id,title\n0,Zero\n1,One\n9,Nine\n", "movies.csv")
    interactions.check_step(Files(path, items=items), CLASSIFICATION_FROM_4)
    assert "Items: 3 rows, 2 items found, 3 items not found" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ("year", r"movies\.csv, column 'year': the file has no such column"),
        ("title:numeric", r"movies\.csv, line 2, column 'title'"),
    ],
)
def test_a_feature_that_the_table_does_not_have_is_refused(
    tmp_path: Path, features: str, message: str
) -> None:
    path = _file(tmp_path, _stars("user_id,item_id,rating", [1, 5]))
    items = _file(tmp_path, "item_id,title\n0,Zero\n1,One\n", "movies.csv")
    given = flag_values(
        data=str(path), items=str(items), item_features=features, positive_at_least="4"
    )
    with pytest.raises(CommandError, match=message):
        interactions.check(Files(path, items=items), flags.settings(given))


def test_the_run_prepares_with_the_settings_that_were_checked(tmp_path: Path) -> None:
    given = flag_values(
        positive_at_least="4",
        negatives="3",
        history="20",
        separator=";",
        item_features="genres:multi_valued,year",
        items="movies.csv",
        data="ratings.csv",
    )
    settings = flags.settings(given)
    uris = {"source": "s3://bucket/raw/ratings.csv", "items": "s3://bucket/raw/movies.csv"}
    document = interactions.execution_input(uris, settings)
    assert document["items"] == {
        "uri": "s3://bucket/raw/movies.csv",
        "features": [{"name": "genres", "kind": "multi_valued"}, {"name": "year"}],
    }
    assert prepare_settings(execution_input.parse(document)) == settings
