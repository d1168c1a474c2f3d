"""Recommend: answers over its function URL which items the live model would show."""

from dataclasses import dataclass
from functools import cache

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from tasks.recommending import function_url
from tasks.recommending.function_url import MethodNotAllowedError, Request, Response
from tasks.recommending.live import LiveRecommender, NoLiveModelError
from tasks.recommending.question import Answer, InvalidQuestionError, Question, SimilarAnswer
from tasks.recommending.recommender import Recommender
from tasks.run import environment

logger = Logger(service="Recommend")


@dataclass(frozen=True)
class Environment:
    """The variables of this function."""

    bucket: str


@cache
def live_recommender() -> LiveRecommender:
    """Return the live model's recommender, one for all invocations of this process."""
    return LiveRecommender(environment.read(Environment).bucket)


def handler(event: Request, _context: LambdaContext) -> Response:
    """Answer a request of the function URL: GET with a query, or POST of JSON.

    200 with the recommendations; 400 with the reason when the request is not valid; 405 for another
    method; 503 while no model is live.
    """
    try:
        question = function_url.parse(event)
        url, recommender = live_recommender().get()
        answer = _answer(recommender, question)
        return function_url.response(200, {**answer, "model_data_url": url})
    except InvalidQuestionError as error:
        return function_url.response(400, {"error": str(error)})
    except MethodNotAllowedError as error:
        return function_url.response(405, {"error": str(error)})
    except NoLiveModelError as error:
        return function_url.response(503, {"error": str(error)})


def _answer(recommender: Recommender, question: Question) -> Answer | SimilarAnswer:
    if question.similar is None:
        return recommender.answer(question)
    return recommender.similar(question.similar, question)
