"""Lists what is left of a deployment in the account: `python -m commands.verify_clean`.

Exits 0 when nothing is left, 1 when something is, 2 when the account could not be searched.
"""

import argparse
from typing import Any

import boto3
from rich.table import Column, Table

from commands.console import console, main
from commands.deployment import configured_name
from commands.leftovers import Leftover, leftovers

__all__ = ["Leftover", "leftovers"]

BOOTSTRAP_STACK = "CDKToolkit"


def show(name: str, left: list[Leftover]) -> None:
    """Print what is left, or that nothing is."""
    if not left:
        console.print(f"[green]✔[/green] nothing is left of {name}")
        return
    table = Table("kind", Column("name", overflow="fold"), title=f"left of {name}")
    for item in left:
        table.add_row(item.kind, item.name)
    console.print(table)
    console.print("`make destroy` goes on where it stopped; docs/destroy.md has the exceptions.")


def has_bootstrap(session: Any) -> bool:
    """Tell whether CDK's bootstrap stack is in the account."""
    pages = session.client("cloudformation").get_paginator("describe_stacks").paginate()
    return any(stack["StackName"] == BOOTSTRAP_STACK for page in pages for stack in page["Stacks"])


def run() -> int:
    """Search the account of the environment's credentials; return the exit code."""
    parser = argparse.ArgumentParser(prog="verify-clean", description=__doc__)
    parser.add_argument("--name", default=configured_name(), help="the deployment (cdk.json's)")
    name = parser.parse_args().name
    session = boto3.Session()
    left = leftovers(session, name)
    show(name, left)
    if has_bootstrap(session):
        console.print(
            f"[dim]not of {name}: the stack {BOOTSTRAP_STACK} and its asset bucket, which every "
            "CDK app of the account shares[/dim]"
        )
    return 1 if left else 0


if __name__ == "__main__":
    main(run)
