"""Asks the deployed recommend function over its URL, signed as IAM wants it."""

import json
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import NoCredentialsError
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from commands.console import CommandError

_LONGEST_SECONDS = 125  # a cold start loads the model; the function itself gives up after 120


def ask(url: str, question: Mapping[str, Any]) -> dict[str, Any]:
    """Return the function's answer to a question (docs/recommendations.md).

    Raises:
        CommandError: it did not answer with recommendations; with its reason.
    """
    session = botocore.session.get_session()
    request = _signed(session, url, json.dumps(question))
    http = URLLib3Session(
        verify=session.get_config_variable("ca_bundle") or True,
        proxies=get_environ_proxies(request.url),
        timeout=_LONGEST_SECONDS,
    )
    response = http.send(request.prepare())
    try:
        answer = json.loads(response.content)
    except ValueError:
        answer = {}
    if response.status_code != 200:
        reason = answer.get("error") or answer.get("Message") or response.text
        raise CommandError(f"the recommend function answered {response.status_code}: {reason}")
    found: dict[str, Any] = answer
    return found


def _signed(session: Any, url: str, body: str) -> AWSRequest:
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
