"""Ends everything that a local account started, however the account ends.

`local.server` starts it with `python -S local/undertaker.py OWNER SERVER PID FOLDER GROUPS`, in a
session of its own, so that it outlives what it has to end. It imports the standard library only
and starts in milliseconds.
"""

import contextlib
import os
import select
import shutil
import signal
import sys
import time
from pathlib import Path

SAVE_SECONDS = 10.0  # for the server to save its state
SETTLE_SECONDS = 0.2  # for what was killed to close its files


def watch(owner: int, server: int, pid: int, folder: Path, groups: Path) -> None:
    """Wait until the account's owner or its server ends, and end the account.

    Args:
        owner: the end of a pipe that closes when the owner ends, or stops the account.
        server: the end of a pipe that closes when the server ends.
        pid: process id of the server, and id of its process group.
        folder: the account's folder, to be removed.
        groups: the folder with a file for each further process group to end.
    """
    closed, _, _ = select.select([owner, server], [], [])
    if server not in closed:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGUSR1)
        select.select([server], [], [], SAVE_SECONDS)
    names = [path.name for path in groups.iterdir()] if groups.is_dir() else []
    for group in (pid, *map(int, names)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
    select.select([owner], [], [])
    time.sleep(SETTLE_SECONDS)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    _owner, _server, _pid = map(int, sys.argv[1:4])
    watch(_owner, _server, _pid, folder=Path(sys.argv[4]), groups=Path(sys.argv[5]))
