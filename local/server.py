"""The account's server process: ministack with SageMaker registered, and a watch over its end."""

import os
import signal
import subprocess
import sys
from types import FrameType

from local.ministack import (
    adapter,
    deletion,
    layers,
    network,
    repairs,
    stack_resources,
    task_resources,
)
from local.sagemaker import registration

HOOKS = (adapter, stack_resources, task_resources)
REPAIRS = (repairs, network, deletion, layers)
# Runs in a session of its own, so that it outlives what it has to end. Its two pipes close when
# the account's owner or the server ends, even by SIGKILL.
UNDERTAKER = """
import os, select, shutil, signal, sys, time
owner, server, group, folder = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
ended, _, _ = select.select([owner, server], [], [])
if server not in ended:
    try:
        os.kill(group, signal.SIGUSR1)
    except ProcessLookupError:
        pass
    select.select([server], [], [], 10)
noted = os.path.join(folder, "process-groups")
for each in [group, *(os.listdir(noted) if os.path.isdir(noted) else [])]:
    try:
        os.killpg(int(each), signal.SIGKILL)
    except ProcessLookupError:
        pass
select.select([owner], [], [])
time.sleep(0.2)
shutil.rmtree(folder, ignore_errors=True)
"""


def main() -> None:
    """Serve until ended; `argv[1]` is a pipe that closes when the account's owner ends."""
    for part in (*HOOKS, *REPAIRS):
        adapter.check(part.NEEDED)
    signal.signal(signal.SIGUSR1, _leave)
    _engage_undertaker(owner=int(sys.argv.pop()))
    registration.register()
    for part in REPAIRS:
        part.apply()
    adapter.serve()


def _leave(_signal: int, _frame: FrameType | None) -> None:
    """Save what is to be kept and end, without waiting for open connections."""
    adapter.save_state()
    os._exit(0)


def _engage_undertaker(owner: int) -> None:
    server_end, _kept_open = os.pipe()
    arguments = [str(owner), str(server_end), str(os.getpid()), os.environ["TMPDIR"]]
    subprocess.Popen(  # noqa: S603
        [sys.executable, "-S", "-c", UNDERTAKER, *arguments],
        pass_fds=[owner, server_end],
        start_new_session=True,
    )
    os.close(owner)
    os.close(server_end)


if __name__ == "__main__":
    main()
