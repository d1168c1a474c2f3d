"""`make deploy`: deploy the environment, once the account is known to have what it needs."""

import argparse
import subprocess

from commands import preflight
from commands.assembly import Assembly
from commands.cdk import CDK
from commands.console import main
from commands.deployment import ROOT
from commands.place import enter


def deploy() -> int:
    """Deploy all stacks; return the exit code of the CDK."""
    argparse.ArgumentParser(prog="python -m commands.deploy", description=__doc__).parse_args()
    place = enter()
    assembly = Assembly.synthesise()
    preflight.refuse(preflight.check_deploy(assembly, place))
    command = [str(CDK), "deploy", "--all", "--app", str(assembly.folder)]
    return subprocess.run(
        [*command, "--require-approval", "never"], cwd=ROOT, check=False
    ).returncode


if __name__ == "__main__":
    main(deploy)
