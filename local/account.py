"""The local account: starts and stops a private AWS account on the loopback of this machine.

`LocalAccount` runs one server process: ministack with the SageMaker of `local.sagemaker`, over TLS
and with IAM enforced. Everything that it starts (Lambda workers, training jobs, endpoints) ends
with the account, however the account ends; `local.undertaker` sees to it.
"""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

from local import layout, proxy_variables, server_variables

ROOT = Path(__file__).resolve().parent.parent
START_TIMEOUT_SECONDS = 120.0
STOP_TIMEOUT_SECONDS = 10.0
READY_POLL_SECONDS = 0.02
LOG_LINES_SHOWN = 15
DEFAULT_REGION = "us-east-1"
DEFAULT_WAIT_SCALE = 0.1


class AccountError(RuntimeError):
    """An account that cannot be started; the message says why and what to do."""


class LocalAccount:
    """An AWS account on 127.0.0.1 that runs between `start` and `stop`, or in a `with` block.

    Args:
        port: where it listens; 0 chooses a free port.
        region: the region that `environment` names; the account serves every region.
        delay: seconds that each SageMaker state lasts at least (Creating, Starting, Deleting...).
        wait_scale: factor on the waits and retry intervals of Step Functions.
        quotas: "old", an account that has been used for long, or "fresh", a new one, which may run
            hardly any instances and ten functions at once.
        persist: folder that keeps the state across restarts; without it nothing outlives `stop`.
        log: the file of the server's log; by default one in the account's folder.

    Attributes:
        port: where it listens, once it is started.
        region: as above.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        region: str = DEFAULT_REGION,
        delay: float = layout.DEFAULT_STATE_DELAY,
        wait_scale: float = DEFAULT_WAIT_SCALE,
        quotas: layout.Quotas = "old",
        persist: Path | None = None,
        log: Path | None = None,
    ) -> None:
        self.port = port
        self.region = region
        self._delay = delay
        self._wait_scale = wait_scale
        self._quotas = quotas
        self._persist = persist.absolute() if persist else None
        self._log = log.absolute() if log else None
        self._folder: Path | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._lifeline = -1

    @property
    def url(self) -> str:
        """The endpoint of every service; an IP address, so that SDKs address S3 by path."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def folder(self) -> Path:
        """The account's temporary folder, from `start` to `stop`.

        Raises:
            AccountError: the account is not running.
        """
        if self._folder is None:
            raise AccountError("the local account is not running: start it first")
        return self._folder

    @property
    def log(self) -> Path:
        """The server's log."""
        return self._log or self.folder / "account.log"

    @property
    def certificate(self) -> Path:
        """The certificate (PEM) that the account presents."""
        return layout.certificate(self.folder)

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables with which an unmodified AWS client reaches this account."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_CA_BUNDLE": str(self.certificate),
            "NODE_EXTRA_CA_CERTS": str(self.certificate),
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            **proxy_variables.exempting_the_account(),
        }

    @property
    def proxy_url(self) -> str:
        """The proxy by which clients that insist on AWS's own hosts reach this account."""
        return layout.proxy_url(self.folder)

    @property
    def sdk_environment(self) -> dict[str, str]:
        """The variables with which, too, the SageMaker SDKs reach nothing but this account.

        They call some hosts of AWS whatever AWS_ENDPOINT_URL says.
        """
        return self.environment | proxy_variables.for_clients(self.folder)

    def start(self) -> Self:
        """Start the server and return once it answers.

        Raises:
            AccountError: the port is in use, the folder to persist in cannot be written, or the
                server does not come up.
        """
        self.port = _free_port(self.port)
        if self._persist is not None:
            _make_folder(self._persist)
        self._folder = Path(tempfile.mkdtemp(prefix="factorstack-account-"))
        lifeline, self._lifeline = os.pipe()  # the server's end closes with this process
        try:
            with self.log.open("ab") as log:
                self._server = subprocess.Popen(  # noqa: S603
                    [sys.executable, "-m", "local.server", str(lifeline)],
                    cwd=ROOT,
                    env=server_variables.of_account(
                        self.folder,
                        port=self.port,
                        region=self.region,
                        delay=self._delay,
                        wait_scale=self._wait_scale,
                        quotas=self._quotas,
                        persist=self._persist,
                    ),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=[lifeline],
                    start_new_session=True,
                )
        finally:
            os.close(lifeline)
        try:
            self._await_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End the server and every process it started, and remove the account's folder."""
        server, self._server = self._server, None
        if server is not None:
            if self._persist is not None and server.poll() is None:
                server.send_signal(signal.SIGUSR1)
                _wait(server, STOP_TIMEOUT_SECONDS)
            _kill_group(server.pid)
            _wait(server, STOP_TIMEOUT_SECONDS)
            for group in layout.process_groups(self.folder).glob("*"):
                _kill_group(int(group.name))
        if self._lifeline >= 0:
            os.close(self._lifeline)
            self._lifeline = -1
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def is_alive(self) -> bool:
        """Tell whether the server process runs."""
        return self._server is not None and self._server.poll() is None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _await_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            if not self.is_alive():
                raise AccountError(f"the local account ended while starting:\n{self._log_tail()}")
            if _answers(self.url, self.certificate):
                return
            time.sleep(READY_POLL_SECONDS)
        raise AccountError(
            f"the local account did not answer within {START_TIMEOUT_SECONDS:.0f} s:\n"
            f"{self._log_tail()}"
        )

    def _log_tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(lines[-LOG_LINES_SHOWN:])


def _free_port(port: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise AccountError(
                f"port {port} on 127.0.0.1 cannot be used ({error.strerror}): stop what uses it, "
                "or choose another with PORT=N"
            ) from None
        return int(probe.getsockname()[1])


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            return
    except OSError as error:
        raise AccountError(
            f"the state cannot be kept in {path} ({error.strerror}): name a folder that can be "
            "written"
        ) from None


def _answers(url: str, certificate: Path) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])), timeout=1):
            pass
        trust = ssl.create_default_context(cafile=str(certificate))
        client = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=trust), urllib.request.ProxyHandler({})
        )
        with client.open(f"{url}/_ministack/health", timeout=5) as reply:
            return bool(reply.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return
