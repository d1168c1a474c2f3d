"""Runs the CDK command line, with its last line as progress and its output in a log."""

import re
import subprocess
from collections import deque

from commands.console import CommandError, Step
from commands.deployment import ROOT

CDK = ROOT / "node_modules" / ".bin" / "cdk"
LOG = ROOT / "build" / "cdk.log"
_TELLING = re.compile(r"❌|_FAILED|[Ee]rror|not authorized")
_SHOWN_LINES = 3


def cdk(current: Step, *arguments: str) -> None:
    """Run `cdk` with `arguments` in this environment.

    Raises:
        CommandError: it failed; with the last lines that say why.
    """
    LOG.parent.mkdir(exist_ok=True)
    told: deque[str] = deque(maxlen=_SHOWN_LINES)
    command = [str(CDK), *arguments, "--progress", "events", "--no-notices", "--ci"]
    with LOG.open("a") as log, subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None  # noqa: S101  a pipe was asked for
        for line in process.stdout:
            log.write(line)
            if _TELLING.search(line):
                told.append(line.strip())
            if line.strip():
                current.progress(line.strip())
    if process.returncode != 0:
        raise CommandError(
            f"`cdk {' '.join(arguments)}` failed ({LOG.relative_to(ROOT)} has all of it): "
            + " | ".join(told)
        )
