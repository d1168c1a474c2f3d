"""What the model of a demo can do: metrics beside those of others, lists, and the live endpoint."""

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
import scipy.sparse as sp
from rich.markup import escape

from commands.ask_function import Answer, ask
from commands.console import CommandError, console, step
from commands.deployment import Deployment
from commands.execution import Evaluation, Ranking
from commands.live_endpoint import fetch_encoder, fetch_held_out, fetch_rows, invoke
from commands.metric_tables import scored, show_lists, show_scores
from commands.planted import Planted, best_lists, best_scores
from commands.recommendation_table import show_history, show_recommendations
from data_prep.encoder import Encoder
from data_prep.held_out import HeldOut
from data_prep.synthetic import PlantedChoices, PlantedFM

_USERS_SHOWN = 3
_ACTIVITY = (0.1, 0.5, 0.9)  # of the users shown with histories, from the most active to the least
_CLICKS = 3  # of the stranger who is shown
_TOP_N, _TOP_N_EXPLAINED = 10, 5
_TOLERANCE = 1e-4  # between two ways to compute a score in float32


class Question(TypedDict, total=False):
    """A question to the recommend function: someone's user id, or what they have clicked."""

    user: str
    history: list[str]
    n: int
    explain: bool


def show_ranking(deployment: Deployment, ranking: Ranking, planted: Planted | None) -> None:
    """Show how good the lists are, those of three users and that of a stranger's three clicks."""
    model_data_url = deployment.live_model()
    with step("ask the recommend function"):
        encoder, held_out = fetch_encoder(model_data_url), fetch_held_out(model_data_url)
        questions = [*_known(encoder, held_out), *_unnamed(encoder, held_out)]
        answers = _answers(deployment, questions)
    with step("ask the live endpoint") as current:
        rows, difference = _compare(deployment, encoder, questions, answers)
        current.detail = f"{rows} scores as the function's, to {difference:.0e}"
    others = {}
    if isinstance(planted, PlantedChoices):
        others["best attainable"] = best_lists(planted, encoder, held_out)
    show_lists(ranking, others)
    for answer in answers:
        whose = "someone whom training does not know, by three clicks"
        _show_list(answer, whose if answer["user"] is None else f"user {answer['user']}")


def show_scoring(deployment: Deployment, evaluation: Evaluation, planted: Planted | None) -> None:
    """Show how good the live endpoint's scores are, and the lists of three users."""
    model_data_url = deployment.live_model()
    with step("ask the live endpoint"):
        encoder, held_out = fetch_encoder(model_data_url), fetch_rows(model_data_url)
        scores = invoke(deployment.name, held_out.rows)
    with step("ask the recommend function"):
        users = encoder.user_ids[:_USERS_SHOWN]
        answers = _answers(deployment, [{"user": user, "n": _TOP_N} for user in users])
    columns = {
        "live endpoint": scored(evaluation["purpose"], held_out.labels, scores),
        "popularity baseline": evaluation["baseline"],
    }
    if isinstance(planted, PlantedFM):
        columns["best attainable"] = best_scores(planted, encoder, held_out)
    show_scores(len(scores), columns)
    title = "Recommendations from the live model"
    # With titles, three lists are wider than a terminal.
    for some in [[answer] for answer in answers] if encoder.titles else [answers]:
        show_recommendations(some, title)


def _show_list(answer: Answer, whose: str) -> None:
    """Print what is known of someone, and their list."""
    console.print(f"\n[bold]For {escape(whose)}[/bold]")
    if answer["history"] is not None:
        show_history(answer["history"])
    show_recommendations([answer], "")


def _known(encoder: Encoder, held_out: HeldOut) -> list[Question]:
    """Return questions for users of much, medium and little activity, without strangers."""
    trained = np.setdiff1d(np.arange(len(encoder.user_ids)), held_out.strangers)
    places = sorted({int(share * len(trained)) for share in _ACTIVITY})
    users = [encoder.user_ids[trained[place]] for place in places]
    return [{"user": user, "n": _TOP_N_EXPLAINED, "explain": True} for user in users]


def _unnamed(encoder: Encoder, held_out: HeldOut) -> list[Question]:
    """Return the question of someone without a name who has clicked some items.

    They are the latest of a stranger of medium activity, and without strangers of any user; no
    question when nobody has so many.
    """
    strangers = held_out.strangers.tolist()  # the most active first, as all users
    users = [*strangers[len(strangers) // 2 :], *range(len(encoder.user_ids))]
    for history in (encoder.history(encoder.user_ids[user]) for user in users):
        if len(history) >= _CLICKS:
            items = [encoder.item_ids[item] for item in history[-_CLICKS:]]
            return [{"history": items, "n": _TOP_N_EXPLAINED, "explain": True}]
    return []


def _answers(deployment: Deployment, questions: Sequence[Question]) -> list[Answer]:
    answers = [ask(deployment.recommend_url, question) for question in questions]
    if not any(answer["recommendations"] for answer in answers):
        raise CommandError(f"the recommend function listed nothing for {questions}")
    return answers


def _compare(
    deployment: Deployment,
    encoder: Encoder,
    questions: Sequence[Question],
    answers: Sequence[Answer],
) -> tuple[int, float]:
    """Ask the endpoint for the scores of the listed items.

    Returns:
        The number of scores, and the largest difference to the function's.

    Raises:
        CommandError: endpoint and function disagree.
    """
    rows, scores = [], []
    for question, answer in zip(questions, answers, strict=True):
        items = [one["item"] for one in answer["recommendations"]]
        scores += [one["score"] for one in answer["recommendations"]]
        histories = None
        if "history" in question:
            histories = [encoder.item_indices(question["history"])] * len(items)
        users = [question.get("user", "")] * len(items)
        rows.append(encoder.encode(users, items, histories=histories))
    found = invoke(deployment.name, sp.csr_array(sp.vstack(rows, format="csr")))
    largest = float(np.abs(found - scores).max())
    if largest > _TOLERANCE:
        raise CommandError(f"the live endpoint scores a listed item otherwise, by {largest:.1e}")
    return len(scores), largest
