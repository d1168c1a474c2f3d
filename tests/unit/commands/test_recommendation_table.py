"""Recommendations are shown alike by every command, whoever the user is."""

import re
from typing import Any

import pytest

from commands.ask_function import Answer, HistoryUse, RecommendedItem
from commands.recommendation_table import show_history, show_recommendations, show_similar

Output = pytest.CaptureFixture[str]


def _answer(
    user: str | None,
    *items: RecommendedItem,
    fallback: str | None = None,
    history: HistoryUse | None = None,
) -> Answer:
    return Answer(
        user=user,
        fallback=fallback,
        history=history,
        recommendations=list(items),
        model_data_url="s3://b/m",
    )


def _use(*items: str, unknown: int = 0, doubled: int = 0, older: int = 0) -> HistoryUse:
    return HistoryUse(
        used=len(items),
        unknown=unknown,
        doubled=doubled,
        older=older,
        items=[{"item": item} for item in items],
    )


def test_each_user_has_a_column_of_items_and_scores(capsys: Output) -> None:
    first = _answer("7", {"item": "a[b]", "score": 0.75}, {"item": "c", "score": 0.5})
    show_recommendations([first, _answer("8", {"item": "d", "score": 0.25})], "Recommendations")
    output = capsys.readouterr().out
    assert re.search(r"rank +┃ user 7 +┃ user 8 ", output)
    assert re.search(r"1 │ a\[b\] 0\.7500 +│ d 0\.2500", output)
    assert re.search(r"2 │ c 0\.5000 +│ +│", output)
    assert "does not know" not in output


def test_the_list_of_a_user_whom_training_does_not_know_is_explained(capsys: Output) -> None:
    unknown = _answer("no[b]ody", {"item": "a", "score": 0.5}, fallback="average_user")
    show_recommendations([_answer("7", {"item": "a", "score": 0.5}), unknown], "Recommendations")
    *_, explanation = capsys.readouterr().out.splitlines()
    assert explanation == (
        "Training does not know user no[b]ody: this is what the average user would like."
    )


def test_a_user_who_has_seen_everything_has_an_empty_list(capsys: Output) -> None:
    show_recommendations([_answer("7")], "Recommendations")
    assert "user 7" in capsys.readouterr().out


def test_an_item_is_shown_with_its_title(capsys: Output) -> None:
    show_recommendations([_answer("7", {"item": "a", "title": "[A]", "score": 0.75})], "Lists")
    assert re.search(r"1 │ a \[A\] 0\.7500 │", capsys.readouterr().out)


def test_the_strongest_causes_are_beside_the_items_that_have_some(capsys: Output) -> None:
    causes: list[Any] = [{"item": "x", "title": "X", "term": 0.4}, {"item": "y", "term": 0.3}]
    causes += [{"item": "z", "term": 0.2}, {"item": "too weak", "term": 0.1}]
    first: RecommendedItem = {"item": "a", "score": 0.75, "explanation": {"because": causes}}
    second: RecommendedItem = {"item": "b", "score": 0.5, "explanation": {"because": []}}
    show_recommendations([_answer("7", first, second)], "Lists")
    output = capsys.readouterr().out
    assert re.search(r"user 7 +┃ because of", output)
    assert re.search(r"1 │ a 0\.7500 │ x X · y · z +│", output)
    assert re.search(r"2 │ b 0\.5000 │ +│", output)


def test_a_model_without_histories_gives_no_causes(capsys: Output) -> None:
    show_recommendations([_answer("7", {"item": "a", "score": 0.7, "explanation": {}})], "Lists")
    assert "because of" not in capsys.readouterr().out


def test_the_list_of_a_given_history_needs_no_user(capsys: Output) -> None:
    answer = _answer(None, {"item": "a", "score": 0.5}, fallback="history", history=_use("b"))
    show_recommendations([answer], "Lists")
    output = capsys.readouterr().out
    assert "┃ the given history ┃" in output
    assert "Training" not in output


@pytest.mark.parametrize(
    ("user", "fallback", "history", "sentence"),
    [
        ("8", "history", _use("b"), "Training does not know user 8: this is by the given items."),
        (
            "8",
            "average_user",
            _use(),
            "Training does not know user 8: this is what the average user would like.",
        ),
        (
            None,
            "average_user",
            _use(unknown=2),
            "Training knows none of the given items: this is what the average user would like.",
        ),
        (
            "7",
            "average_user",
            _use(unknown=2),
            "Training knows none of the given items: this is what the average user would like.",
        ),
    ],
)
def test_what_stands_in_for_a_user_is_said(
    capsys: Output, user: str | None, fallback: str, history: HistoryUse, sentence: str
) -> None:
    answer = _answer(user, {"item": "a", "score": 0.5}, fallback=fallback, history=history)
    show_recommendations([answer], "Lists")
    assert capsys.readouterr().out.splitlines()[-1] == sentence


def test_a_history_is_shown_newest_first(capsys: Output) -> None:
    use = _use("a", "[b]")
    use["items"][0]["title"] = "A"
    show_history(use)
    assert capsys.readouterr().out == "History, newest first: [b] · a A\n"


def test_of_a_long_history_the_newest_are_shown(capsys: Output) -> None:
    show_history(_use(*map(str, range(50))))
    assert capsys.readouterr().out == (
        "History, newest first: 49 · 48 · 47 · 46 · 45 · 44 · 43 · 42 · 41 · 40 · and 40 more\n"
    )


def test_items_of_a_history_that_do_not_count_are_counted(capsys: Output) -> None:
    show_history(_use(unknown=1, doubled=2, older=3))
    assert capsys.readouterr().out.splitlines() == [
        "History, newest first: nothing",
        "Not counted: 1 unknown to training, 2 named again later, 3 older than the model looks "
        "back",
    ]


def test_similar_items_are_shown_with_their_cosines(capsys: Output) -> None:
    show_similar(
        {
            "similar_to": {"item": "5", "title": "Five"},
            "recommendations": [{"item": "6", "title": "Six", "score": 0.9}],
            "model_data_url": "s3://b/m",
        }
    )
    output = capsys.readouterr().out
    assert "Similar to 5 Five" in output
    assert re.search(r"1 │ 6 Six 0\.9000", output)
