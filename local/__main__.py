"""`python -m local`: runs a local account in the foreground until it is interrupted."""

import argparse
import shlex
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import get_args

from local import layout
from local.account import DEFAULT_REGION, AccountError, LocalAccount


def main() -> int:
    """Run an account, after printing `export NAME=value` lines for its clients.

    Returns:
        The exit code: 2 if the account cannot start, 1 if its server ends by itself.
    """
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="default: a free port")
    parser.add_argument("--region", default=DEFAULT_REGION)
    parser.add_argument(
        "--delay",
        type=float,
        default=layout.DEFAULT_STATE_DELAY,
        help="seconds that each state of a resource lasts",
    )
    parser.add_argument(
        "--quotas", choices=get_args(layout.Quotas), default="old", help="whose the account has"
    )
    parser.add_argument("--persist", type=Path, help="keep the state in this folder")
    parser.add_argument("--log", type=Path, help="write the server's log to this file")
    arguments = parser.parse_args()
    # Also SIGINT: a shell lets what it starts in the background ignore it.
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
    account = LocalAccount(
        arguments.port,
        region=arguments.region,
        delay=arguments.delay,
        quotas=arguments.quotas,
        persist=arguments.persist,
        log=arguments.log,
    )
    try:
        with account:
            for name, value in account.environment.items():
                _say(f"export {name}={shlex.quote(value)}")
            more = sorted(account.sdk_environment.items() - account.environment.items())
            settings = " ".join(f"{name}={shlex.quote(value)}" for name, value in more)
            _say(f"# for the SageMaker SDKs, too: export {settings}")
            while account.is_alive():
                time.sleep(0.5)
            print("local account: the server ended unexpectedly", file=sys.stderr)  # noqa: T201
            return 1
    except AccountError as error:
        print(f"local account: {error}", file=sys.stderr)  # noqa: T201
        return 2
    except KeyboardInterrupt:
        return 0


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
