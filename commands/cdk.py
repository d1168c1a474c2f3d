"""The CDK command line: its last line is shown as progress, its output is kept in a log."""

import re
import subprocess
from collections import deque

from commands.console import CommandError, Step, step
from commands.deployment import ROOT

CDK = ROOT / "node_modules" / ".bin" / "cdk"
LOG = ROOT / "build" / "cdk.log"
_REASON = re.compile(r"^factorstack: |❌|_FAILED|[Ee]rror|not authorized")
_SHOWN_REASONS = 3
_EXECUTION_POLICY = (
    "--cloudformation-execution-policies",
    "arn:aws:iam::aws:policy/AdministratorAccess",
)


def cdk(current: Step, *arguments: str) -> None:
    """Run `cdk` with `arguments` in this process's environment.

    Raises:
        CommandError: it failed; the message has the last lines that say why.
    """
    LOG.parent.mkdir(exist_ok=True)
    reasons: deque[str] = deque(maxlen=_SHOWN_REASONS)
    command = [str(CDK), *arguments, "--progress", "events", "--no-notices", "--ci"]
    with LOG.open("a") as log, subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None  # noqa: S101  stdout is a pipe
        for line in process.stdout:
            log.write(line)
            if _REASON.search(line):
                reasons.append(line.strip())
            if line.strip():
                current.progress(line.strip())
    if process.returncode != 0:
        raise CommandError(
            f"`cdk {' '.join(arguments)}` failed (the whole output: {LOG.relative_to(ROOT)}): "
            + " | ".join(reasons)
        )


def deploy(assembly: str) -> None:
    """Synthesise to the folder `assembly`, prepare the account, and deploy all stacks."""
    with step("cdk synth") as current:
        cdk(current, "synth", "--quiet", "--output", assembly)
    with step("cdk bootstrap") as current:
        cdk(current, "bootstrap", "--app", assembly, *_EXECUTION_POLICY)
    with step("cdk deploy --all") as current:
        cdk(current, "deploy", "--all", "--app", assembly, "--require-approval", "never")
