"""The proxy makes tunnels to the account for AWS's hosts, and to the host itself for others."""

import asyncio
import contextlib
import socket
import socketserver
import threading
from collections.abc import Callable, Iterator

import pytest

from local import proxy_variables
from local.proxy import Proxy

Serve = Callable[..., int]
CONNECTED = b"HTTP/1.1 200 Connection established\r\n\r\n"


def serve_proxy(account_port: int, **upstream: str) -> int:
    """Serve a proxy from a thread, and return its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    port: int = listener.getsockname()[1]
    serving = Proxy(account_port, upstream).serve(listener)
    threading.Thread(target=asyncio.run, args=(serving,), daemon=True).start()
    return port


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return a function that serves, until the test ends, a greeting and then an echo.

    With an answer, the server first takes a request's head, to be found in `heads`, and answers.
    """
    with contextlib.ExitStack() as stack:

        def start(greeting: bytes, answer: bytes = b"", heads: list[bytes] | None = None) -> int:
            class Handler(socketserver.StreamRequestHandler):
                def handle(self) -> None:
                    if heads is not None:
                        heads.append(b"".join(iter(self.rfile.readline, b"\r\n")))
                    self.wfile.write(answer + greeting)
                    while chunk := self.request.recv(1 << 16):
                        self.wfile.write(chunk)

            server = stack.enter_context(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler))
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
            stack.callback(server.shutdown)
            return int(server.server_address[1])

        yield start


def ask(proxy: int, request: str, sent: bytes = b"") -> bytes:
    """Send a request and, further, `sent` to a proxy; return all that comes back."""
    with socket.create_connection(("127.0.0.1", proxy), 10) as client:
        client.sendall(f"{request}\r\nHost: any\r\n\r\n".encode() + sent)
        client.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: client.recv(1 << 16), b""))


def test_host_of_aws_ends_at_the_account(serve: Serve) -> None:
    proxy = serve_proxy(serve(b"account"))
    answer = ask(proxy, "CONNECT no-such-service.us-east-1.amazonaws.com:443 HTTP/1.1")
    assert answer == CONNECTED + b"account"


def test_other_host_passes_through_untouched(serve: Serve) -> None:
    proxy = serve_proxy(serve(b"account"))
    sent = bytes(range(256)) * 4096
    answer = ask(proxy, f"CONNECT localhost:{serve(b'foreign')} HTTP/1.1", sent)
    assert answer == CONNECTED + b"foreign" + sent


def test_plain_http_is_refused() -> None:
    answer = ask(serve_proxy(0), "GET http://example.org/ HTTP/1.1")
    assert answer.startswith(b"HTTP/1.1 405 Method Not Allowed\r\n")
    assert b"for HTTPS only" in answer


@pytest.mark.parametrize("target", ["localhost", "localhost:port", "localhost:0", ":443", ""])
def test_target_without_host_or_port_is_refused(target: str) -> None:
    answer = ask(serve_proxy(0), f"CONNECT {target}")
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"is not CONNECT HOST:PORT" in answer


def test_headers_without_an_end_are_refused() -> None:
    answer = ask(serve_proxy(0), "CONNECT localhost:1 HTTP/1.1\r\nX: " + "x" * 100_000)
    assert answer.startswith(b"HTTP/1.1 431 ")


def test_host_that_cannot_be_reached_is_named() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        target = f"127.0.0.1:{unused.getsockname()[1]}"
        answer = ask(serve_proxy(0), f"CONNECT {target} HTTP/1.1")
    assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
    assert f"cannot reach {target}".encode() in answer


def test_other_host_is_reached_by_the_proxy_of_the_owner(serve: Serve) -> None:
    heads: list[bytes] = []
    upstream = serve(b"beyond", b"HTTP/1.1 200 OK\r\nVia: any\r\n\r\n", heads)
    proxy = serve_proxy(0, https=f"http://user:p%40ss@127.0.0.1:{upstream}")
    assert ask(proxy, "CONNECT nowhere.example:8443 HTTP/1.1") == CONNECTED + b"beyond"
    assert heads == [
        b"CONNECT nowhere.example:8443 HTTP/1.1\r\nHost: nowhere.example:8443\r\n"
        b"Proxy-Authorization: Basic dXNlcjpwQHNz\r\n"
    ]


def test_host_of_aws_is_not_reached_by_the_proxy_of_the_owner(serve: Serve) -> None:
    proxy = serve_proxy(serve(b"account"), https="127.0.0.1:9")
    assert ask(proxy, "CONNECT sts.amazonaws.com:443 HTTP/1.1") == CONNECTED + b"account"


def test_host_that_the_owner_exempts_is_reached_directly(serve: Serve) -> None:
    proxy = serve_proxy(0, https="127.0.0.1:9", no="intranet.example,localhost")
    answer = ask(proxy, f"CONNECT localhost:{serve(b'direct')} HTTP/1.1")
    assert answer == CONNECTED + b"direct"


def test_refusal_of_the_proxy_of_the_owner_is_shown(serve: Serve) -> None:
    upstream = serve(b"", b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", [])
    proxy = serve_proxy(0, https=f"127.0.0.1:{upstream}")
    answer = ask(proxy, "CONNECT nowhere.example:443 HTTP/1.1")
    assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
    assert b"refuses nowhere.example:443: HTTP/1.1 407 Proxy Authentication Required" in answer


@pytest.mark.parametrize("url", ["https://127.0.0.1:9", "http://127.0.0.1:port", "http://"])
def test_proxy_of_the_owner_that_cannot_be_used_is_refused(url: str) -> None:
    answer = ask(serve_proxy(0, https=url), "CONNECT nowhere.example:443 HTTP/1.1")
    assert b"HTTPS_PROXY has to be of the form http://HOST:PORT" in answer


def test_server_learns_of_the_proxy_of_the_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "intranet.example")
    for name, value in proxy_variables.handing_down().items():
        monkeypatch.setenv(name, value)
    expected = {"https": "http://proxy.example:3128", "no": "intranet.example,127.0.0.1"}
    assert proxy_variables.handed_down() == expected
