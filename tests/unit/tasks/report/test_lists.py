"""The report on a model for ranking opens with its lists, and says who makes better ones."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tasks.evaluation.contenders import Contender, Live
from tasks.evaluation.evaluation import Evaluation
from tasks.evaluation.examples import Example
from tasks.evaluation.translation import Translation
from tasks.report import page
from tests.unit.tasks.report.contents import content_of

EVIL = "<script>alert('x')</script>"


@pytest.fixture(scope="module")
def evaluation(ranked: Any, ranked_earlier: Any) -> Evaluation:
    translation = Translation.load(ranked.data, ranked_earlier.data)
    live = Live(Contender(ranked_earlier.group_model(), translation))
    evaluation: Evaluation = ranked.evaluated(ranked.group_model(), live)
    return evaluation


@pytest.fixture(scope="module")
def report(ranked: Any, evaluation: Evaluation) -> str:
    return page.render(content_of(ranked, evaluation))


@pytest.fixture(scope="module")
def noise(ranked: Any) -> Evaluation:
    evaluation: Evaluation = ranked.evaluated(ranked.model(noise=True))
    return evaluation


def test_the_lists_come_first_and_scoring_last(report: str) -> None:
    titles = re.findall(r"<h2>(.*?)</h2>", report)
    assert titles == [
        "Lists of recommendations",
        "By time, beside the random split",
        "Users whom training knows, and strangers",
        "Against the live model",
        "Learning",
        "Scoring held-out rows",
        "Data, settings, cost",
    ]


def test_a_classifiers_scores_come_first(prepared: Any) -> None:
    report = page.render(content_of(prepared, prepared.evaluated(prepared.model())))
    titles = re.findall(r"<h2>(.*?)</h2>", report)
    assert titles == [
        "Scoring held-out rows",
        "Lists of recommendations",
        "Learning",
        "Data, settings, cost",
    ]
    assert not re.search("strangers", report, re.IGNORECASE)


def test_tiles_show_the_lists_metrics_with_intervals(evaluation: Evaluation, report: str) -> None:
    comparison = evaluation.measurements.ranking.comparison
    for name, title in (
        ("ndcg@10", "NDCG at 10"),
        ("recall@10", "recall at 10"),
        ("coverage@10", "coverage of the catalogue at 10"),
    ):
        low, high = comparison.interval("model", name) or (None, None)
        tile = (
            f'<div class="tile"><span>{title}</span><strong>{comparison.value("model", name):.4f}'
            f"</strong><span>{low:.4f} to {high:.4f} (95 %)</span></div>"
        )
        assert tile in report


def test_each_system_has_a_bar_as_long_as_it_is_good(evaluation: Evaluation, report: str) -> None:
    comparison = evaluation.measurements.ranking.comparison
    bars = re.search(r'<div class="bars">(.*?)</div>', report, re.DOTALL)
    assert bars is not None
    widths = re.findall(r'class="bar s-(\w+)" width="([\d.]+)"', bars[1])
    assert {system for system, _ in widths} == set(comparison.systems)
    longest = [float(width) for _, width in widths]
    assert longest == sorted(longest, reverse=True)
    first, last = widths[0], widths[-1]
    values = [comparison.systems[system].values["ndcg@10"] for system in (first[0], last[0])]
    assert values[0] is not None
    assert values[1] is not None
    assert float(last[1]) / float(first[1]) == pytest.approx(values[1] / values[0], abs=0.01)


def test_words_say_where_this_model_is_better(report: str) -> None:
    assert "This model makes better lists than popularity: " in report


def test_words_say_plainly_who_makes_better_lists(ranked: Any, noise: Evaluation) -> None:
    report = page.render(content_of(ranked, noise))
    for name in ("EASE", "Item-kNN", "Popularity"):
        assert re.search(rf"{name} makes better lists: 0\.\d+ against this model", report)
    assert "EASE makes better lists: " in report[: report.index("<h2>")]  # the verdict, too


def test_examples_show_titles_history_and_hits(evaluation: Evaluation, report: str) -> None:
    assert len(evaluation.examples) == 3
    for example in evaluation.examples:
        assert any(name.startswith("Film ") for name, _ in example.shown)
        card = report[report.index(f"<h3>User {example.user}</h3>") :].split("</div>")[0]
        assert " · ".join(example.history) in card
        hits = [name for name, hit in example.shown if hit]
        assert re.findall(r'<li class="hit">([^<]+) <b>hit</b></li>', card) == hits
        assert f"{len(hits)} of {example.wanted} held-out likes" in card
        assert card.count("<li") == len(example.shown) == 10


def test_names_of_items_and_users_are_text(ranked: Any, evaluation: Evaluation) -> None:
    example = Example(EVIL, 0.5, 1, (EVIL,), ((EVIL, True),))
    changed = replace(evaluation, examples=(example,))
    assert EVIL not in page.render(content_of(ranked, changed))


def test_strangers_are_beside_the_users_whom_training_knows(report: str) -> None:
    assert re.search(r"\d+ users whom training knows", report)
    assert re.search(r"strangers by 5 of their items: \d+", report)
    assert re.search(r"strangers by 20 of their items: \d+<span[^>]*>too few to compare", report)


def test_a_run_without_strangers_says_so(ranked: Any, evaluation: Evaluation) -> None:
    nobody = replace(ranked.held_out, strangers=ranked.held_out.strangers[:0])
    report = page.render(
        content_of(ranked, ranked.evaluated(ranked.group_model(), held_out=nobody))
    )
    assert "no users were kept out of training" in report


def test_lists_that_nobody_could_judge_are_named(prepared: Any) -> None:
    unknown = replace(prepared.held_out, users=np.full(len(prepared.held_out.users), -1))
    report = page.render(
        content_of(prepared, prepared.evaluated(prepared.model(), held_out=unknown))
    )
    assert "Not judged: no user liked an item, among the held-out interactions" in report


def test_what_is_not_compared_is_said(ranked: Any) -> None:
    evaluation = ranked.evaluated(ranked.group_model(), Live(why_not="it cannot be read"))
    report = page.render(content_of(ranked, evaluation))
    assert "Live model is not compared: it cannot be read." in report


def test_the_facts_name_history_and_negatives(report: str) -> None:
    facts = report[report.index("<h3>Data</h3>") :]
    assert "<dt>purpose</dt><dd>ranking</dd>" in facts
    assert "<dt>history</dt><dd>up to 100 items a user</dd>" in facts
    assert "<dt>negatives</dt><dd>10 for each positive, by popularity^0.3</dd>" in facts


def test_it_asks_nobody_for_anything_and_closes_every_element(report: str) -> None:
    assert not re.findall(r"https?://|<script|<link|<img|@import|url\(|src=", report)
    for element in ("svg", "rect", "path", "ul", "ol", "li", "b", "p", "span", "div", "section"):
        opened = len(re.findall(rf"<{element}[ >]", report))
        closed = report.count(f"</{element}>") + len(re.findall(rf"<{element} [^>]*/>", report))
        assert opened == closed, element
