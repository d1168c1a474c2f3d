"""The server process of a local account: ministack with SageMaker, watched by an undertaker."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType

from local import aws_hosts, layout, proxy, undertaker
from local.ministack import (
    adapter,
    deletion,
    lambda_limits,
    layers,
    network,
    repairs,
    stack_resources,
    task_resources,
)
from local.sagemaker import registration

HOOKS = (adapter, stack_resources, task_resources)
REPAIRS = (repairs, network, deletion, layers, lambda_limits)


def main() -> None:
    """Serve until ended; `argv[1]` is the end of a pipe that closes when the owner ends."""
    for part in (*HOOKS, *REPAIRS):
        adapter.check(part.NEEDED)
    signal.signal(signal.SIGUSR1, _save_and_exit)
    _start_undertaker(owner=int(sys.argv.pop()))
    registration.register()
    for part in REPAIRS:
        part.apply()
    adapter.name_hosts(aws_hosts.certificate_names())
    proxy.start(int(os.environ["GATEWAY_PORT"]), Path(os.environ["TMPDIR"]))
    adapter.serve()


def _save_and_exit(_signal: int, _frame: FrameType | None) -> None:
    """Save the state, if it is to be kept, and end without waiting for open connections."""
    adapter.save_state()
    os._exit(0)


def _start_undertaker(owner: int) -> None:
    server, _closes_with_this_process = os.pipe()
    folder = Path(os.environ["TMPDIR"])
    arguments = [owner, server, os.getpid(), folder, layout.process_groups(folder)]
    subprocess.Popen(  # noqa: S603
        [sys.executable, "-S", undertaker.__file__, *map(str, arguments)],
        pass_fds=[owner, server],
        start_new_session=True,
    )
    os.close(owner)
    os.close(server)


if __name__ == "__main__":
    main()
