"""Requests to the deployed recommend function over its URL, signed for IAM."""

import json
import os
from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict, cast
from urllib.parse import urlsplit

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import NoCredentialsError
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from commands.console import CommandError

_TIMEOUT_SECONDS = 125  # a cold start loads the model; the function itself times out after 120


class Item(TypedDict):
    """An item, named as in the input, and its title if the data have one."""

    item: str
    title: NotRequired[str]


class Explanation(TypedDict):
    """The parts of an explanation that are shown.

    Attributes:
        because: the items of the history that raise the score most, the strongest first.
    """

    because: NotRequired[list[Item]]


class RecommendedItem(Item):
    """An item of a list, and the model's score for it."""

    score: float
    explanation: NotRequired[Explanation]


class HistoryUse(TypedDict):
    """How many items of a history count, and which, when an explanation is asked for."""

    used: int
    unknown: int
    doubled: int
    older: int
    items: NotRequired[list[Item]]


class Answer(TypedDict):
    """The function's answer (docs/recommendations.md).

    Attributes:
        user: the user, as named in the question; None when it names nobody.
        fallback: "history" or "average_user" for one whom training does not know; else None.
        history: what stands for the user; None for a model without histories.
        recommendations: the items, best first.
        model_data_url: the S3 URI of the live model's artifact.
    """

    user: str | None
    fallback: str | None
    history: HistoryUse | None
    recommendations: list[RecommendedItem]
    model_data_url: str


class SimilarAnswer(TypedDict):
    """The function's answer to `similar`: items whose scores are cosines."""

    similar_to: Item
    recommendations: list[RecommendedItem]
    model_data_url: str


def ask(url: str, question: Mapping[str, object]) -> Answer:
    """Return the function's answer to a question for recommendations.

    Args:
        url: the function's URL.
        question: a JSON object; docs/recommendations.md lists the keys.

    Raises:
        CommandError: the function did not answer with recommendations; the message has its reason.
        NoCredentialsError: there are no credentials to sign the request with.
    """
    return cast(Answer, _ask(url, question))


def ask_similar(url: str, question: Mapping[str, object]) -> SimilarAnswer:
    """Return the function's answer to a question with `similar`; see `ask`."""
    return cast(SimilarAnswer, _ask(url, question))


def _ask(url: str, question: Mapping[str, object]) -> object:
    session = botocore.session.get_session()
    request = _signed(session, url, json.dumps(question))
    http = URLLib3Session(
        verify=session.get_config_variable("ca_bundle") or True,
        proxies=get_environ_proxies(request.url),
        timeout=_TIMEOUT_SECONDS,
    )
    response = http.send(request.prepare())
    try:
        answer = json.loads(response.content)
    except ValueError:
        answer = {}
    if response.status_code != 200:
        reason = answer.get("error") or answer.get("Message") or response.text
        raise CommandError(f"the recommend function answered {response.status_code}: {reason}")
    return cast(object, answer)


def _signed(session: Any, url: str, body: str) -> AWSRequest:
    """Return a POST request, signed with the credentials of a botocore session (untyped)."""
    credentials = session.get_credentials()
    if credentials is None:
        raise NoCredentialsError
    host = urlsplit(url).netloc
    region = host.split(".")[2]  # <id>.lambda-url.<region>.on.aws
    headers = {"Host": host, "Content-Type": "application/json"}
    request = AWSRequest("POST", url, headers=headers, data=body)
    SigV4Auth(credentials, "lambda", region).add_auth(request)
    # The local account answers for every host at its own address.
    request.url = os.environ.get("AWS_ENDPOINT_URL", url).rstrip("/") + "/"
    return request
