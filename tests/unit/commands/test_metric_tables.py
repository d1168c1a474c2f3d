"""Metrics are shown by what the purpose asks for."""

import re

import numpy as np
import pytest

from commands.execution import Evaluation, Metrics, Ranking
from commands.metric_tables import scored, show_evaluation, show_lists

OF_LISTS: Metrics = {"ndcg@10": 0.25, "recall@10": 0.125, "hit_rate@10": 0.75, "map@10": 0.1}


def _evaluation(**values: object) -> Evaluation:
    given: Evaluation = {
        "purpose": "ranking",
        "rows": 100,
        "ranking": {
            "users": 40,
            "items": 30,
            "model": OF_LISTS,
            "baseline": {"ndcg@10": 0.125},
            "ease": {"ndcg@10": 0.5},
        },
        "model": {"auc": 0.75},
        "baseline": {"auc": 0.5},
        "report_uri": "s3://b/report.html",
    }
    given.update(values)  # type: ignore[typeddict-item]
    return given


def test_a_ranking_shows_its_lists_beside_those_of_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_evaluation(_evaluation())
    shown = capsys.readouterr().out
    assert "Lists of 10 for 40 users, from 30 items" in shown
    assert re.search(r"metric +┃ +model ┃ +EASE ┃ +popularity ┃", shown)
    assert re.search(r"ndcg@10 +│ 0\.2500 │ 0\.5000 │ +0\.1250 │", shown)
    assert re.search(r"recall@10 +│ 0\.1250 │ +│ +│", shown)
    assert "map@10" not in shown


def test_other_lists_have_a_column_by_their_name(capsys: pytest.CaptureFixture[str]) -> None:
    show_lists(_evaluation()["ranking"], {"best attainable": {"ndcg@10": 0.625}})
    assert re.search(r"ndcg@10 .*│ +0\.6250 │$", capsys.readouterr().out, re.MULTILINE)


def test_a_second_model_has_a_row_with_its_users(capsys: pytest.CaptureFixture[str]) -> None:
    by_time: Ranking = {
        "users": 7,
        "items": 20,
        "model": {"ndcg@10": 0.0625},
        "baseline": {"ndcg@10": 0.03125},
    }
    show_lists({**_evaluation()["ranking"], "by_time": by_time})
    shown = capsys.readouterr().out
    assert re.search(r"ndcg@10 +│ 0\.2500 │ 0\.5000 │ +0\.1250 │", shown)
    assert re.search(r"ndcg@10 by time, 7 users +│ 0\.0625 │ +│ +0\.0312 │", shown)


def test_it_is_said_why_there_is_no_second_model(capsys: pytest.CaptureFixture[str]) -> None:
    show_lists({**_evaluation()["ranking"], "not_by_time": "[no] times"})
    assert "Not judged by time: [no] times." in capsys.readouterr().out


def test_a_ranking_of_nobody_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    show_lists({"users": 0, "items": 30})
    assert "No user has a held-out choice" in capsys.readouterr().out


def test_scores_are_shown_of_the_other_purposes(capsys: pytest.CaptureFixture[str]) -> None:
    show_evaluation(_evaluation(purpose="classification"))
    shown = capsys.readouterr().out
    assert re.search(r"auc +│ 0\.7500 │ +0\.5000 │", shown)
    assert "ndcg" not in shown


def test_ratings_are_judged_by_their_errors() -> None:
    labels, scores = np.array([1, 5], np.float32), np.array([2, 5], np.float32)
    assert scored("rating", labels, scores) == {"rmse": pytest.approx(0.5**0.5), "mae": 0.5}
    classes = np.array([0, 1], np.float32)
    assert set(scored("classification", classes, np.array([0.3, 0.8], np.float32))) == {
        *("auc", "log_loss", "accuracy", "f1")
    }
