"""A deployment in a local account, made by the real CDK command line."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from commands.leftovers import Leftover, leftovers
from local.account import LocalAccount

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Deployment:
    """A deployment, alone in its account.

    Attributes:
        name: its name.
        account: its account.
        folder: for its assembly, the logs of `cdk`, and what tests put there.
    """

    name: str
    account: LocalAccount
    folder: Path

    def session(self, **keys: str) -> Any:
        credentials = keys or {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.Session(region_name=self.account.region, **credentials)

    def client(self, service: str, **keys: str) -> Any:
        """Return a boto3 client with the root user's credentials, or with others."""
        return self.session(**keys).client(
            service, endpoint_url=self.account.url, verify=str(self.account.certificate)
        )

    def left(self) -> list[Leftover]:
        """Return what verify-clean lists."""

        class Clients:
            client = staticmethod(self.client)

        return leftovers(Clients(), self.name)

    def cdk(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `cdk`."""
        app = [] if arguments[0] == "synth" else ["--app", str(self.folder / "cdk.out")]
        done = subprocess.run(
            [str(ROOT / "node_modules" / ".bin" / "cdk"), *arguments, *app, "--no-notices", "--ci"],
            cwd=ROOT, env={**os.environ, **self.account.environment}, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        (self.folder / f"{arguments[0]}.log").write_text(done.stdout + done.stderr)
        return done

    @property
    def domain_id(self) -> str:
        """The id of the one domain."""
        (domain,) = self.client("sagemaker").list_domains()["Domains"]
        return str(domain["DomainId"])


@contextmanager
def deployed(name: str, folder: Path) -> Iterator[Deployment]:
    """Deploy all stacks in an account of their own, which ends with the block."""
    with LocalAccount() as account:
        made = Deployment(name, account, folder)
        out, context = str(folder / "cdk.out"), f"factorstack.name={name}"
        for arguments in (
            ("synth", "--quiet", "--output", out, "--context", context),
            ("bootstrap",),
            ("deploy", "--all", "--require-approval", "never"),
        ):
            done = made.cdk(*arguments)
            assert done.returncode == 0, done.stdout + done.stderr
        yield made
