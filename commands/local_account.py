"""The local account of a command: it ends with the command, or is kept until `make stop`."""

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from commands.console import CommandError, console, main, step
from commands.deployment import ROOT
from local.account import AccountError, LocalAccount

_LOG = ROOT / "build" / "local-account.log"
_EXPORTS = ROOT / "build" / "local-account.exports"
_PID = ROOT / "build" / "local-account.pid"
_START_SECONDS = 130


@contextmanager
def demo_account(port: int, *, keep: bool) -> Iterator[dict[str, str]]:
    """Start the account and yield the environment in which clients reach it.

    Args:
        port: where it listens; 0 chooses a free port.
        keep: stop the account only if the block fails; else it always ends with the block.

    Raises:
        CommandError: the account cannot be started; the message says why, and what to do.
    """
    if keep:
        if _find_kept() is not None:
            raise CommandError("a kept local account is already running: end it with `make stop`")
        with kept_account(port) as environment:
            yield environment
        return
    try:
        account = LocalAccount(port).start()
    except AccountError as error:
        raise CommandError(str(error)) from error
    try:
        yield account.environment
    finally:
        with step("stop the local account"):
            account.stop()


@contextmanager
def kept_account(port: int) -> Iterator[dict[str, str]]:
    """Yield the environment of the kept account, which is started if none is running.

    Args:
        port: where it listens; 0: any port.

    Raises:
        CommandError: it listens on another port, or cannot be started. One that was started ends
            if the block fails.
    """
    found = _find_kept()
    if found is not None:
        if port and not found["AWS_ENDPOINT_URL"].endswith(f":{port}"):
            raise CommandError(
                f"a kept local account is already running at {found['AWS_ENDPOINT_URL']}: leave "
                "PORT out to use it, or end it with `make stop`"
            )
        yield found
        return
    environment = _start_detached(port)
    try:
        yield environment
    except BaseException:
        stop_kept()
        raise


def use(environment: Mapping[str, str]) -> None:
    """Make an account the only one that this process and its children reach from now on."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(environment)


def stop_kept() -> bool:
    """Stop the account that `KEEP=1` left running, and return whether there was one."""
    try:
        pid = int(_PID.read_text())
        os.kill(pid, signal.SIGTERM)
    except (FileNotFoundError, ProcessLookupError):
        _PID.unlink(missing_ok=True)
        return False
    while _alive(pid):
        time.sleep(0.1)
    _PID.unlink()
    return True


def kept_exports() -> str:
    """Return the lines that the kept account prints for a shell."""
    return _EXPORTS.read_text()


def _start_detached(port: int) -> dict[str, str]:
    _LOG.parent.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "local", "--port", str(port), "--log", str(_LOG)]
    with _EXPORTS.open("wb") as exports:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=exports, stderr=exports,
            start_new_session=True,
        )  # fmt: skip
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        environment = _read_exports()
        if "AWS_DEFAULT_REGION" in environment:
            _PID.write_text(str(process.pid))
            return environment
        time.sleep(0.05)
    process.kill()
    raise CommandError(f"the local account did not start: {_EXPORTS.read_text().strip()}")


def _find_kept() -> dict[str, str] | None:
    return _read_exports() if _PID.exists() and _alive(int(_PID.read_text())) else None


def _read_exports() -> dict[str, str]:
    words = shlex.split(kept_exports(), comments=True)
    return dict(word.split("=", 1) for word in words if "=" in word)


def _alive(pid: int) -> bool:
    try:
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    except ChildProcessError:
        pass  # started by an earlier demo: not a child of this process
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def stop() -> int:
    """Stop the kept account (`make stop`); return the exit code."""
    stopped = stop_kept()
    console.print(
        "the local account has been stopped" if stopped else "no local account is running"
    )
    return 0


if __name__ == "__main__":
    main(stop)
