"""The recommend function is asked as AWS wants a function URL asked."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError

from commands.ask_function import ask
from commands.console import CommandError

URL = "https://abc.lambda-url.eu-west-3.on.aws/"


class Function(HTTPServer):
    """Answers as it is told, and keeps what it was asked."""

    answer: tuple[int, bytes] = (200, b'{"recommendations": []}')
    asked: dict[str, Any]


class Handler(BaseHTTPRequestHandler):
    server: Function

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked = {**dict(self.headers), "path": self.path, "body": json.loads(body)}
        status, content = self.server.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


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
    assert ask(URL, {"user": "é", "n": "3"}) == {"recommendations": []}
    asked = function.asked
    assert (asked["path"], asked["body"]) == ("/", {"user": "é", "n": "3"})
    assert asked["Host"] == "abc.lambda-url.eu-west-3.on.aws"
    assert (
        "/eu-west-3/lambda/aws4_request, SignedHeaders=content-type;host"
        in (asked["Authorization"])
    )
    assert asked["X-Amz-Security-Token"] == "a token"


@pytest.mark.parametrize(
    ("status", "content", "reason"),
    [
        (400, b'{"error": "n: too many"}', "answered 400: n: too many"),
        (403, b'{"Message": "Forbidden"}', "answered 403: Forbidden"),
        (502, b"Internal Server Error", "answered 502: Internal Server Error"),
    ],
)
def test_anything_else_than_an_answer_is_told(
    function: Function, status: int, content: bytes, reason: str
) -> None:
    function.answer = (status, content)
    with pytest.raises(CommandError, match=reason):
        ask(URL, {"user": "1"})


def test_without_credentials_nothing_is_asked(
    function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    with pytest.raises(NoCredentialsError):
        ask(URL, {"user": "1"})
    assert not hasattr(function, "asked")
