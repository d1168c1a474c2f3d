"""`python -m local`: run the local account in the foreground until interrupted."""

import argparse
import shlex
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from local.account import AccountError, LocalAccount


def main() -> int:
    """Start the account, print `export NAME=value` lines, stay; 2 if it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="default: a free port")
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument(
        "--delay", type=float, default=0.1, help="seconds that each state of a resource lasts"
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
        persist=arguments.persist,
        log=arguments.log,
    )
    try:
        with account:
            for name, value in account.environment.items():
                _say(f"export {name}={shlex.quote(value)}")
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
