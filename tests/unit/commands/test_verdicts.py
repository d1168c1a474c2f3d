"""Each verdict: what is there, what is missing and how to get it, what cannot be told."""

import pytest

from commands import verdicts
from commands.quota_needs import QuotaNeed
from commands.verdicts import Quota, Unreadable, Verdict

NEED = QuotaNeed("ml.m5.large for training job usage", 1, "training.instance_type")
DENIED = Unreadable("ListServiceQuotas: AccessDeniedException")


def quota(value: float, region: str = "eu-north-1") -> Verdict:
    """Return the verdict on `NEED` where its quota has a value."""
    quotas = {NEED.name: Quota(value, "L-611FA074")}
    (verdict,) = verdicts.judge_quotas([NEED], quotas, region)
    return verdict


def test_a_quota_that_suffices_is_ok() -> None:
    assert quota(1) == Verdict(NEED.name, "ok", "1, 1 needed")


def test_a_quota_that_does_not_suffice_comes_with_the_value_to_ask_for_and_the_link() -> None:
    verdict = quota(0)
    assert (verdict.state, verdict.found) == ("missing", "0, 1 needed")
    assert verdict.remedy == (
        "ask for 1 or more: https://eu-north-1.console.aws.amazon.com/servicequotas/home/services/"
        "sagemaker/quotas/L-611FA074"
    )


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("cn-north-1", "https://cn-north-1.console.amazonaws.cn/"),
        ("us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com/"),
    ],
)
def test_the_link_leads_to_the_console_of_the_partition(region: str, host: str) -> None:
    assert host in quota(0, region).remedy


def test_a_quota_that_the_region_does_not_have_is_missing_with_the_setting_to_change() -> None:
    (verdict,) = verdicts.judge_quotas([NEED], {}, "eu-north-1")
    assert (verdict.state, verdict.found) == ("missing", "eu-north-1 has no such quota")
    assert "training.instance_type" in verdict.remedy


def test_a_quota_that_may_not_be_read_cannot_be_told() -> None:
    (verdict,) = verdicts.judge_quotas([NEED], DENIED, "eu-north-1")
    assert (verdict.state, verdict.found) == ("cannot tell", DENIED.reason)


@pytest.mark.parametrize(
    ("version", "state"), [(6, "ok"), (30, "ok"), (5, "missing"), (None, "missing")]
)
def test_the_bootstrap_has_to_be_there_and_new_enough(version: int | None, state: str) -> None:
    verdict = verdicts.judge_bootstrap(version, least=6)
    assert verdict.state == state
    assert ("make bootstrap" in verdict.remedy) == (state == "missing")


def test_a_bootstrap_that_may_not_be_read_cannot_be_told() -> None:
    assert verdicts.judge_bootstrap(DENIED, least=6).state == "cannot tell"


@pytest.mark.parametrize(
    ("existing", "state"),
    [([], "ok"), (["mine"], "ok"), (["another"], "missing"), (["another", "mine"], "missing")],
)
def test_a_domain_has_to_fit_beside_the_others(existing: list[str], state: str) -> None:
    quotas = {verdicts.DOMAINS: Quota(1, "L-B683BCB0")}
    (verdict,) = verdicts.judge_domains(["mine"], existing, quotas, "eu-north-1")
    assert verdict.state == state


def test_domains_that_may_not_be_listed_cannot_be_told() -> None:
    (verdict,) = verdicts.judge_domains(["mine"], DENIED, {}, "eu-north-1")
    assert verdict.state == "cannot tell"


@pytest.mark.parametrize(
    ("unreserved", "state", "found"),
    [
        (2, "missing", "2, 3 needed"),
        (10, "ok", "10: more requests at once than that are throttled"),
        (1000, "ok", "1000"),
        (DENIED, "cannot tell", DENIED.reason),
    ],
)
def test_a_few_functions_have_to_run_at_once(
    unreserved: int | Unreadable, state: str, found: str
) -> None:
    verdict = verdicts.judge_concurrency(unreserved, "eu-north-1")
    assert (verdict.state, verdict.found) == (state, found)
    assert ("services/lambda/quotas" in verdict.remedy) == (state == "missing")


@pytest.mark.parametrize(("memory", "state"), [(3008, "ok"), (3009, "cannot tell")])
def test_memory_that_new_accounts_lack_cannot_be_told(memory: int, state: str) -> None:
    verdict = verdicts.judge_memory(memory)
    assert verdict.state == state
    assert ("functions.memory_mib" in verdict.remedy) == (state == "cannot tell")
