"""List what is left of a deployment in the account: `python -m commands.verify_clean`.

Exits 0 when nothing is left, 1 when something is, 2 when the account could not be searched.
"""

from collections.abc import Sequence
from typing import Any

import boto3
from rich.table import Column, Table

from commands.console import console, main
from commands.leftovers import Leftover, leftovers
from commands.options import argument_parser
from commands.place import enter

BOOTSTRAP_STACK = "CDKToolkit"
_ROLLBACK_FAILED = "UPDATE_ROLLBACK_FAILED"


def show_leftovers(name: str, left: Sequence[Leftover]) -> None:
    """Print what is left of deployment `name`, or that nothing is."""
    if not left:
        console.print(f"[green]✔[/green] nothing is left of {name}")
        return
    table = Table("kind", Column("name", overflow="fold"), title=f"left of {name}")
    for leftover in left:
        table.add_row(leftover.kind, leftover.name)
    console.print(table)
    for leftover in left:
        if leftover.kind == "stack" and leftover.name.endswith(f"({_ROLLBACK_FAILED})"):
            console.print(_continue_rollback(leftover.name.split(" ")[0]), soft_wrap=True)
    console.print(
        "`make destroy` continues where it stopped; docs/destroy.md lists the exceptions."
    )


def _continue_rollback(stack: str) -> str:
    return (
        f"{stack} is neither updated nor as before: remove the cause that its events name, then "
        f"`aws cloudformation continue-update-rollback --stack-name {stack}`; "
        "until then no deploy and no run can update it"
    )


def verify_clean() -> int:
    """Search the account of the environment's credentials; return the exit code."""
    name = argument_parser("verify_clean", __doc__).parse_args().name
    enter()
    session = boto3.Session()
    left = leftovers(session, name)
    show_leftovers(name, left)
    if _has_bootstrap(session):
        console.print(
            f"[dim]not part of {name}: the stack {BOOTSTRAP_STACK} and its asset bucket, which "
            "every CDK app of the account shares[/dim]"
        )
    return 1 if left else 0


def _has_bootstrap(session: Any) -> bool:
    """Return whether CDK's bootstrap stack is in the account of a boto3 session (untyped)."""
    pages = session.client("cloudformation").get_paginator("describe_stacks").paginate()
    return any(stack["StackName"] == BOOTSTRAP_STACK for page in pages for stack in page["Stacks"])


if __name__ == "__main__":
    main(verify_clean)
