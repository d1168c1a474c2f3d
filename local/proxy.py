"""A proxy on the loopback: it leads clients that insist on AWS's own hosts to the account.

The SageMaker SDKs call `https://sts.<region>.amazonaws.com` and others whatever AWS_ENDPOINT_URL
says. With this proxy as HTTPS_PROXY, what is meant for AWS ends at the account, whose certificate
has the names of `local.aws_hosts`; all else passes through untouched, by the proxy of the
account's owner if there is one.
"""

import asyncio
import base64
import contextlib
import logging
import socket
import threading
from asyncio import StreamReader, StreamWriter
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

from local import aws_hosts, layout, proxy_variables

CONNECT_SECONDS = 30.0
CHUNK = 1 << 16  # bytes
log = logging.getLogger("proxy")


class RefusedError(Exception):
    """A tunnel that is not made: the status of the answer, and a sentence for its body."""

    def __init__(self, status: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def start(account_port: int, folder: Path) -> None:
    """Serve until the process ends, from a thread; the port is noted in the account's folder."""
    listener = socket.create_server(("127.0.0.1", 0))
    layout.proxy_port(folder).write_text(str(listener.getsockname()[1]))
    serving = Proxy(account_port, proxy_variables.handed_down()).serve(listener)
    threading.Thread(target=asyncio.run, args=(serving,), daemon=True).start()


class Proxy:
    """Makes tunnels, each to the account or to the host that it is asked for.

    Args:
        account_port: of the account, on the loopback.
        upstream: the proxy of the account's owner, for what is not AWS's: `https`, its URL, and
            `no`, the hosts that do not need it; empty if there is none.
    """

    def __init__(self, account_port: int, upstream: Mapping[str, str]) -> None:
        self._account_port = account_port
        self._upstream = dict(upstream)

    async def serve(self, listener: socket.socket) -> None:
        """Serve the clients of a listening socket."""
        server = await asyncio.start_server(self._serve_client, sock=listener)
        await server.serve_forever()

    async def _serve_client(self, reader: StreamReader, writer: StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(OSError, asyncio.IncompleteReadError):
            try:
                host, port = _target(await _head(reader))
                far_reader, far_writer = await self._open(host, port)
            except RefusedError as refusal:
                await _send(writer, f"HTTP/1.1 {refusal.status}", body=f"local account: {refusal}")
                return
            with contextlib.closing(far_writer):
                await _send(writer, "HTTP/1.1 200 Connection established")
                await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))

    async def _open(self, host: str, port: int) -> tuple[StreamReader, StreamWriter]:
        try:
            return await asyncio.wait_for(self._connect(host, port), CONNECT_SECONDS)
        except (OSError, asyncio.IncompleteReadError) as error:
            reason = str(error) or "no answer"
            raise RefusedError("502 Bad Gateway", f"cannot reach {host}:{port}: {reason}") from None

    async def _connect(self, host: str, port: int) -> tuple[StreamReader, StreamWriter]:
        if aws_hosts.is_aws(host):
            log.info("%s:%d ends at the account", host, port)
            return await asyncio.open_connection("127.0.0.1", self._account_port)
        log.info("%s:%d passes through", host, port)
        if "https" not in self._upstream or proxy_bypass_environment(host, self._upstream):
            return await asyncio.open_connection(host, port)
        return await _connect_through(self._upstream["https"], host, port)


async def _connect_through(url: str, host: str, port: int) -> tuple[StreamReader, StreamWriter]:
    """Open a connection to a host by a further proxy."""
    upstream = _upstream(url)
    reader, writer = await asyncio.open_connection(upstream.hostname, upstream.port or 80)
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    head = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if upstream.username is not None:
        pair = f"{unquote(upstream.username)}:{unquote(upstream.password or '')}"
        head.append(f"Proxy-Authorization: Basic {base64.b64encode(pair.encode()).decode()}")
    await _send(writer, "\r\n".join(head))
    answer = await _head(reader)
    if answer.split()[1:2] != ["200"]:
        writer.close()
        raise RefusedError("502 Bad Gateway", f"{upstream.hostname} refuses {target}: {answer}")
    return reader, writer


def _upstream(url: str) -> SplitResult:
    """Return the parts of a proxy's URL, in which the scheme may be missing."""
    parts = urlsplit(url if "://" in url else f"http://{url}")
    with contextlib.suppress(ValueError):  # of a port that is no number
        if parts.scheme == "http" and parts.hostname and parts.port != 0:
            return parts
    raise RefusedError("502 Bad Gateway", "HTTPS_PROXY has to be of the form http://HOST:PORT")


def _target(request: str) -> tuple[str, int]:
    """Return the host and port that a request line asks for."""
    method, _, rest = request.partition(" ")
    if method != "CONNECT":
        raise RefusedError("405 Method Not Allowed", "this proxy is for HTTPS only (HTTPS_PROXY)")
    try:
        target = urlsplit(f"//{rest.split()[0]}")
        host, port = target.hostname, target.port
    except (ValueError, IndexError):
        host = port = None
    if not host or not port:
        raise RefusedError("400 Bad Request", f"{request!r} is not CONNECT HOST:PORT")
    return host, port


async def _head(reader: StreamReader) -> str:
    """Read the head of a request or response, and return its first line."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        raise RefusedError(
            "431 Request Header Fields Too Large", "the headers are too long"
        ) from None
    return head.split(b"\r\n", 1)[0].decode("latin-1")


async def _send(writer: StreamWriter, head: str, body: str = "") -> None:
    writer.write(f"{head}\r\n\r\n{body}".encode())
    await writer.drain()


async def _copy(source: StreamReader, sink: StreamWriter) -> None:
    """Copy until the source ends, and end the sink, whose other direction stays open."""
    while chunk := await source.read(CHUNK):
        sink.write(chunk)
        await sink.drain()
    sink.write_eof()
