"""What was read of an account, judged against what a deployment needs; pure, without AWS."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, TypeVar

from commands.quota_needs import QuotaNeed
from contract.regions import partition

State = Literal["ok", "missing", "cannot tell"]
DOMAINS = "Total domains"
# A clean-up function, the framework's that calls it, and the recommend function.
LEAST_CONCURRENCY = 3
COMFORTABLE_CONCURRENCY = 100
EVERY_ACCOUNTS_MEMORY_MIB = 3008  # a new account may not give a function more
_CONSOLES = {"aws-cn": "console.amazonaws.cn", "aws-us-gov": "console.amazonaws-us-gov.com"}


@dataclass(frozen=True)
class Unreadable:
    """Something that the account did not tell, and why."""

    reason: str


@dataclass(frozen=True)
class Quota:
    """A quota as Service Quotas lists it."""

    value: float
    code: str


@dataclass(frozen=True)
class Verdict:
    """One line of the table.

    Attributes:
        check: what was looked at.
        state: whether it is there.
        found: what was found.
        remedy: what to do, unless it is ok.
    """

    check: str
    state: State
    found: str
    remedy: str = ""


T = TypeVar("T")
Reading: TypeAlias = T | Unreadable
Quotas: TypeAlias = Mapping[str, Quota]  # by name


def judge_bootstrap(version: Reading[int | None], least: int) -> Verdict:
    """Judge the version of the CDK's bootstrap stack, None for none; `least` is the templates'."""
    check = "CDK bootstrap"
    if isinstance(version, Unreadable):
        return Verdict(check, "cannot tell", version.reason, "`make bootstrap` if deploying fails")
    if version is None:
        return Verdict(check, "missing", "never bootstrapped", "run `make bootstrap`")
    if version < least:
        found = f"version {version}, {least} is needed"
        return Verdict(check, "missing", found, "run `make bootstrap` to update it")
    return Verdict(check, "ok", f"version {version}")


def judge_quotas(needs: Iterable[QuotaNeed], quotas: Reading[Quotas], region: str) -> list[Verdict]:
    """Judge each need of a quota in a region."""
    return [_judge_quota(need, quotas, region) for need in needs]


def judge_domains(
    wanted: Iterable[str], existing: Reading[Collection[str]], quotas: Reading[Quotas], region: str
) -> list[Verdict]:
    """Judge whether the domains that a deployment wants fit beside those that exist, by name."""
    if isinstance(existing, Unreadable):
        return [_unreadable(DOMAINS, existing) for _ in wanted]
    needs = []
    for name in wanted:
        least = len(existing) + (name not in existing)
        needs.append(QuotaNeed(DOMAINS, least, "name"))
    return judge_quotas(needs, quotas, region)


def judge_concurrency(unreserved: Reading[int], region: str) -> Verdict:
    """Judge how many functions may run at once that have no reserved concurrency."""
    check = "Lambda concurrency"
    if isinstance(unreserved, Unreadable):
        return _unreadable(check, unreserved)
    if unreserved < LEAST_CONCURRENCY:
        remedy = f"ask for 1000 of the quota 'Concurrent executions': {_link(region, 'lambda')}"
        return Verdict(check, "missing", f"{unreserved}, {LEAST_CONCURRENCY} needed", remedy)
    if unreserved < COMFORTABLE_CONCURRENCY:
        return Verdict(check, "ok", f"{unreserved}: more requests at once than that are throttled")
    return Verdict(check, "ok", str(unreserved))


def judge_memory(memory_mib: int) -> Verdict:
    """Judge the memory of the largest function; no operation tells an account's limit."""
    check = "Lambda memory"
    if memory_mib <= EVERY_ACCOUNTS_MEMORY_MIB:
        return Verdict(check, "ok", f"{memory_mib} MiB, which every account may use")
    return Verdict(
        check,
        "cannot tell",
        f"{memory_mib} MiB; new accounts may use {EVERY_ACCOUNTS_MEMORY_MIB}",
        f"if deploying fails: set functions.memory_mib to {EVERY_ACCOUNTS_MEMORY_MIB} in cdk.json, "
        "or ask AWS Support for more",
    )


def _judge_quota(need: QuotaNeed, quotas: Reading[Quotas], region: str) -> Verdict:
    if isinstance(quotas, Unreadable):
        return _unreadable(need.name, quotas)
    quota = quotas.get(need.name)
    if quota is None:
        remedy = f"choose another {need.setting} in cdk.json, or another region"
        return Verdict(need.name, "missing", f"{region} has no such quota", remedy)
    if quota.value < need.least:
        remedy = f"ask for {need.least} or more: {_link(region, 'sagemaker', quota.code)}"
        return Verdict(need.name, "missing", f"{quota.value:.0f}, {need.least} needed", remedy)
    return Verdict(need.name, "ok", f"{quota.value:.0f}, {need.least} needed")


def _unreadable(check: str, unreadable: Unreadable) -> Verdict:
    return Verdict(check, "cannot tell", unreadable.reason, "have the right to read it, or go on")


def _link(region: str, service: str, code: str = "") -> str:
    """Return where in the console a quota, or those of a service, can be raised."""
    console = _CONSOLES.get(partition(region).name, "console.aws.amazon.com")
    page = f"https://{region}.{console}/servicequotas/home/services/{service}/quotas"
    return f"{page}/{code}" if code else page
