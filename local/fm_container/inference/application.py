"""The container's HTTP interface as a bare ASGI application.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html and
aws/sagemaker-rl-container, `vw_serving/serve.py`, for what the guide leaves open.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from fm.model import BINARY, Model
from fm.scoring import link, score_entries
from local.fm_container.content_types import JSON
from local.fm_container.inference.requests import RequestError, decode
from local.fm_container.inference.responses import encode, negotiate
from local.fm_container.log import Log

Event = dict[str, Any]  # as ASGI defines it: https://asgi.readthedocs.io/en/latest/specs/www.html
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]
_PLAIN = b"text/plain"


@dataclass(frozen=True)
class Limits:
    """How the server is set up.

    Attributes:
        body: Longest body of a request in bytes.
        workers: Number of processes.
        accept: Content type of a response to a request that accepts any; "" for the request's.
    """

    body: int
    workers: int
    accept: str


class _Response(NamedTuple):
    status: int
    content_type: bytes
    body: bytes


class Application:
    """Answers /ping, /invocations and /execution-parameters for one model.

    Without a model (it could not be loaded) every health check and invocation is answered 500.
    """

    def __init__(self, model: Model | None, limits: Limits, log: Log) -> None:
        self._model = model
        self._limits = limits
        self._log = log

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            response = await self._respond(scope, receive)
        except RequestError as error:
            self._log.line(error.text, "ERROR")
            response = _Response(error.status, _PLAIN, error.text.encode())
        except Exception as error:
            self._log.line(f"Internal Server Error: {error!r}", "ERROR")
            response = _Response(500, _PLAIN, b"Internal Server Error")
        status, content_type, body = response
        headers = [(b"content-type", content_type), (b"content-length", b"%d" % len(body))]
        if status == 204:
            headers = []  # RFC 9110 forbids a length, and there is nothing to have a type
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _respond(self, scope: Event, receive: Receive) -> _Response:
        route = (scope["method"], scope["path"])
        if route == ("POST", "/invocations"):
            return self._invoke(scope["headers"], await self._body(receive))
        if route == ("GET", "/ping"):
            self._loaded()
            return _Response(200, _PLAIN, b"")
        if route == ("GET", "/execution-parameters"):
            return _Response(200, JSON.encode(), self._parameters())
        known = {"/invocations", "/ping", "/execution-parameters"}
        raise (
            RequestError(405, "Method Not Allowed")
            if scope["path"] in known
            else RequestError(404, "Not Found")
        )

    def _loaded(self) -> Model:
        if self._model is None:
            raise RequestError(500, "unable to load model")
        return self._model

    def _parameters(self) -> bytes:
        return orjson.dumps(
            {
                "MaxConcurrentTransforms": self._limits.workers,
                "BatchStrategy": "MULTI_RECORD",
                "MaxPayloadInMB": self._limits.body >> 20,
            }
        )

    async def _body(self, receive: Receive) -> bytes:
        message = await receive()
        body: bytes = message.get("body", b"")
        if not message.get("more_body"):
            self._check_size(len(body))
            return body
        parts, size = [body], len(body)
        while message.get("more_body"):
            message = await receive()
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            self._check_size(size)
        return b"".join(parts)

    def _check_size(self, size: int) -> None:
        if size > self._limits.body:
            raise RequestError(413, f"The body is longer than {self._limits.body} bytes")

    def _invoke(self, headers: Headers, body: bytes) -> _Response:
        model = self._loaded()
        if not body:
            return _Response(204, _PLAIN, b"")
        content_type = _header(headers, b"content-type").split(";")[0].strip().lower() or JSON
        rows = decode(content_type, body, model.feature_dim)
        accept = negotiate(_header(headers, b"accept"), content_type, self._limits.accept)
        scores = link(model, score_entries(model, rows.indptr, rows.columns, rows.values))
        payload = encode(accept, scores, model.predictor_type == BINARY)
        return _Response(200, accept.encode(), payload)


def _header(headers: Headers, name: bytes) -> str:
    """Return a header's value; of one that is sent in several lines, all of them."""
    return ", ".join(value.decode("latin-1") for key, value in headers if key == name)
