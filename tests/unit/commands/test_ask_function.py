"""The recommend function is asked as AWS requires of a function URL: signed, by POST."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError

from commands.ask_function import Answer, SimilarAnswer, ask, ask_similar
from commands.console import CommandError

ANSWER = Answer(
    user="é",
    fallback=None,
    history=None,
    recommendations=[{"item": "1", "score": 0.5}],
    model_data_url="s3://m",
)
URL = "https://abc.lambda-url.eu-west-3.on.aws/"


class Function(HTTPServer):
    """Gives a fixed response, and keeps the request: its headers, path and body."""

    response: tuple[int, bytes] = (200, json.dumps(ANSWER).encode())
    request: dict[str, object]


class Handler(BaseHTTPRequestHandler):
    server: Function

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.request = {**dict(self.headers), "path": self.path, "body": json.loads(body)}
        status, content = self.server.response
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


@pytest.fixture
def function(monkeypatch: pytest.MonkeyPatch) -> Iterator[Function]:
    with Function(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        monkeypatch.setenv("AWS_SESSION_TOKEN", "a token")
        monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
        yield server
        server.shutdown()


def test_the_question_is_signed_for_the_functions_region_and_host(function: Function) -> None:
    assert ask(URL, {"user": "é", "n": "3"}) == ANSWER
    request = function.request
    assert (request["path"], request["body"]) == ("/", {"user": "é", "n": "3"})
    assert request["Host"] == "abc.lambda-url.eu-west-3.on.aws"
    signed = "/eu-west-3/lambda/aws4_request, SignedHeaders=content-type;host"
    assert signed in str(request["Authorization"])
    assert request["X-Amz-Security-Token"] == "a token"


def test_similar_items_are_asked_for_alike(function: Function) -> None:
    answer = SimilarAnswer(similar_to={"item": "5"}, recommendations=[], model_data_url="s3://m")
    function.response = (200, json.dumps(answer).encode())
    assert ask_similar(URL, {"similar": "5"}) == answer
    assert function.request["body"] == {"similar": "5"}


@pytest.mark.parametrize(
    ("status", "content", "reason"),
    [
        (400, b'{"error": "n: too many"}', "answered 400: n: too many"),
        (403, b'{"Message": "Forbidden"}', "answered 403: Forbidden"),
        (502, b"Internal Server Error", "answered 502: Internal Server Error"),
    ],
)
def test_anything_but_an_answer_is_an_error_with_its_reason(
    function: Function, status: int, content: bytes, reason: str
) -> None:
    function.response = (status, content)
    with pytest.raises(CommandError, match=reason):
        ask(URL, {"user": "1"})


def test_without_credentials_nothing_is_sent(
    function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    with pytest.raises(NoCredentialsError):
        ask(URL, {"user": "1"})
    assert not hasattr(function, "request")
