"""What the model of a demo can do: metrics beside those of others, lists, and the live endpoint."""

from collections.abc import Sequence
from typing import TypedDict

import numpy as np

from commands.ask_function import Answer, ask
from commands.console import CommandError, step
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
_CLICKS = 3  # of the stranger who is shown
_TOP_N = 10
_TOLERANCE = 1e-4  # between two ways to compute a score in float32
_TITLE = "Recommendations from the live model"


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
        questions = [*_known(encoder, held_out), _stranger(encoder, held_out)]
        answers = [_answer(deployment, question) for question in questions]
    with step("ask the live endpoint") as current:
        rows, difference = _compare(deployment, encoder, questions, answers)
        current.detail = f"{rows} scores as the function's, to {difference:.0e}"
    others = {}
    if isinstance(planted, PlantedChoices):
        others["best attainable"] = best_lists(planted, encoder, held_out)
    show_lists(ranking, others)
    for answer in answers:
        if answer["history"] is not None:
            show_history(answer["history"])
        show_recommendations([answer], _TITLE)


def show_scoring(deployment: Deployment, evaluation: Evaluation, planted: Planted | None) -> None:
    """Show how good the live endpoint's scores are, and the lists of three users."""
    model_data_url = deployment.live_model()
    with step("ask the live endpoint"):
        encoder, held_out = fetch_encoder(model_data_url), fetch_rows(model_data_url)
        scores = invoke(deployment.name, held_out.rows)
    with step("ask the recommend function"):
        users = encoder.user_ids[:_USERS_SHOWN]
        answers = [_answer(deployment, {"user": user, "n": _TOP_N}) for user in users]
    columns = {
        "live endpoint": scored(evaluation["purpose"], held_out.labels, scores),
        "popularity baseline": evaluation["baseline"],
    }
    if isinstance(planted, PlantedFM):
        columns["best attainable"] = best_scores(planted, encoder, held_out)
    show_scores(len(scores), columns)
    show_recommendations(answers, _TITLE)


def _known(encoder: Encoder, held_out: HeldOut) -> list[Question]:
    """Return questions for the users who chose most, without strangers."""
    trained = np.setdiff1d(np.arange(len(encoder.user_ids)), held_out.strangers)[:_USERS_SHOWN]
    users = [encoder.user_ids[user] for user in trained]
    return [{"user": user, "n": _TOP_N, "explain": True} for user in users]


def _stranger(encoder: Encoder, held_out: HeldOut) -> Question:
    """Return the question of someone without a name who has clicked some items.

    They are the latest of the stranger who chose most, and without strangers of any such user.
    """
    users = [*held_out.strangers.tolist(), *range(len(encoder.user_ids))]
    histories = (encoder.history(encoder.user_ids[user]) for user in users)
    clicks = next(history[-_CLICKS:] for history in histories if len(history) >= _CLICKS)
    items = [encoder.item_ids[item] for item in clicks]
    return {"history": items, "n": _TOP_N, "explain": True}


def _answer(deployment: Deployment, question: Question) -> Answer:
    answer = ask(deployment.recommend_url, question)
    if not answer["recommendations"]:
        raise CommandError(f"the recommend function listed nothing for {question}")
    return answer


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
    differences = []
    for question, answer in zip(questions, answers, strict=True):
        listed = answer["recommendations"]
        items = [one["item"] for one in listed]
        user = question.get("user", "")
        history = encoder.item_indices(question["history"]) if "history" in question else None
        rows = encoder.encode(
            [user] * len(items),
            items,
            histories=None if history is None else [history] * len(items),
        )
        scores = invoke(deployment.name, rows)
        differences += np.abs(scores - [one["score"] for one in listed]).tolist()
    largest = max(differences)
    if largest > _TOLERANCE:
        raise CommandError(f"the live endpoint scores a listed item otherwise, by {largest:.1e}")
    return len(differences), largest
