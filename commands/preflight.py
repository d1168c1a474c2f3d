"""`make preflight`: whether the account has what a deployment needs, before anything is changed.

Exits 2 when something is missing, with what to do.
"""

import argparse
from collections.abc import Mapping, Sequence

import boto3
from rich.markup import escape
from rich.table import Column, Table

from commands import quota_needs, verdicts
from commands.account_limits import AccountLimits
from commands.assembly import Assembly
from commands.console import CommandError, console, main, step
from commands.deployment import deployed_template
from commands.place import Place, enter
from commands.quota_needs import Template
from commands.verdicts import State, Verdict
from contract import names

_RUN_STACKS: tuple[names.Stack, ...] = ("serving", "pipeline")  # what a run makes instances for
_COLOURS: Mapping[State, str] = {"ok": "green", "missing": "red", "cannot tell": "yellow"}


def preflight() -> int:
    """Look at the account of the environment's credentials."""
    argparse.ArgumentParser(prog="python -m commands.preflight", description=__doc__).parse_args()
    place = enter()
    refuse(check_deploy(Assembly.synthesise(), place))
    return 0


def check_deploy(assembly: Assembly, place: Place) -> list[Verdict]:
    """Return what deploying an assembly and running it once needs."""
    limits, templates = AccountLimits(boto3.Session()), assembly.templates
    needs, domains = quota_needs.quota_needs(templates), quota_needs.domain_names(templates)
    with step("read the account's limits"):
        quotas = limits.quotas([need.name for need in needs] + [verdicts.DOMAINS])
        return [
            verdicts.judge_bootstrap(limits.bootstrap_version(), assembly.bootstrap_version),
            *verdicts.judge_quotas(needs, quotas, place.region),
            *verdicts.judge_domains(domains, limits.domain_names(), quotas, place.region),
            verdicts.judge_concurrency(limits.unreserved_concurrency(), place.region),
            verdicts.judge_memory(quota_needs.function_memory(templates)),
        ]


def check_run(deployment: str, place: Place) -> list[Verdict]:
    """Return what a run of a deployment needs, by its templates in the account."""
    limits = AccountLimits(boto3.Session())
    templates: dict[str, Template] = {
        stack: deployed_template(names.stack_name(deployment, stack)) for stack in _RUN_STACKS
    }
    needs = quota_needs.quota_needs(templates)
    with step("read the account's limits"):
        return verdicts.judge_quotas(
            needs, limits.quotas([need.name for need in needs]), place.region
        )


def refuse(judged: Sequence[Verdict]) -> None:
    """Show the verdicts, and what to do about those that are not ok.

    Raises:
        CommandError: something is missing.
    """
    table = Table("check", "verdict", Column("found", overflow="fold"))
    for verdict in judged:
        colour = _COLOURS[verdict.state]
        state = f"[{colour}]{verdict.state}[/{colour}]"
        table.add_row(escape(verdict.check), state, escape(verdict.found))
    console.print(table)
    for verdict in judged:
        if verdict.remedy:
            console.print(escape(f"{verdict.check}: {verdict.remedy}"))
    missing = [verdict.check for verdict in judged if verdict.state == "missing"]
    if missing:
        raise CommandError(f"missing: {', '.join(missing)}; nothing has been changed")


if __name__ == "__main__":
    main(preflight)
