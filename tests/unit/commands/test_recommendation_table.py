"""Recommendations are shown alike by every command, whoever the user is."""

import re

import pytest

from commands.ask_function import Answer, RecommendedItem
from commands.recommendation_table import show_recommendations


def _answer(user: str, *items: RecommendedItem, fallback: str | None = None) -> Answer:
    return Answer(
        user=user, fallback=fallback, recommendations=list(items), model_data_url="s3://b/m"
    )


def test_each_user_has_a_column_of_items_and_scores(capsys: pytest.CaptureFixture[str]) -> None:
    first = _answer("7", {"item": "a[b]", "score": 0.75}, {"item": "c", "score": 0.5})
    show_recommendations([first, _answer("8", {"item": "d", "score": 0.25})], "Recommendations")
    output = capsys.readouterr().out
    assert re.search(r"rank +┃ user 7 +┃ user 8 ", output)
    assert re.search(r"1 │ a\[b\] 0\.7500 +│ d 0\.2500", output)
    assert re.search(r"2 │ c 0\.5000 +│ +│", output)
    assert "does not know" not in output


def test_the_list_of_a_user_whom_training_does_not_know_is_explained(
    capsys: pytest.CaptureFixture[str],
) -> None:
    unknown = _answer("no[b]ody", {"item": "a", "score": 0.5}, fallback="average_user")
    show_recommendations([_answer("7", {"item": "a", "score": 0.5}), unknown], "Recommendations")
    *_, explanation = capsys.readouterr().out.splitlines()
    assert explanation == (
        "Training does not know user no[b]ody: this is what the average user would like."
    )


def test_a_user_who_has_seen_everything_has_an_empty_list(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_recommendations([_answer("7")], "Recommendations")
    assert "user 7" in capsys.readouterr().out
