"""The adapter finds what it needs in ministack, and the corrections are correct."""

import pytest

from local import server
from local.ministack import adapter, repairs
from local.ministack.adapter import AdapterError

LOG = """[INFO] starting
Traceback (most recent call last):
  File "worker.py", line 1, in run
    handler()
data_prep.errors.InputError: ratings.csv, line 3: no label
"""


def test_missing_internal_is_named() -> None:
    with pytest.raises(AdapterError, match=r"lacks ministack\.app\.nothing, ministack\.nowhere"):
        adapter.check({"ministack.app": "main nothing", "ministack.nowhere": "x"})


def test_installed_ministack_has_everything() -> None:
    for part in (*server.HOOKS, *server.REPAIRS):
        adapter.check(part.NEEDED)


def test_error_of_a_function_is_named_by_its_class() -> None:
    payload = repairs.error_payload("ratings.csv, line 3: no label", "id", LOG)
    assert payload["errorType"] == "InputError"
    assert payload["errorMessage"] == "ratings.csv, line 3: no label"
    assert payload["stackTrace"] == ['  File "worker.py", line 1, in run', "    handler()"]


def test_error_that_left_no_traceback_stays_anonymous() -> None:
    payload = repairs.error_payload("Worker process died", "id", "nothing to see")
    assert payload["errorType"] == repairs.ANONYMOUS_ERROR


@pytest.mark.parametrize(
    ("effects", "trusted"),
    [(["Allow"], True), ([], False), (["Deny"], False), (["Allow", "Deny"], False)],
)
def test_trust_policy_decides_who_may_assume_a_role(effects: list[str], trusted: bool) -> None:
    statement = {"Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    policy = {"Statement": [statement | {"Effect": effect} for effect in effects]}
    principal = "sagemaker.amazonaws.com"
    assert adapter.trusts(policy, principal, "000000000000", "") is trusted
    assert not adapter.trusts(policy, "states.amazonaws.com", "000000000000", "")


def test_condition_of_a_trust_policy_is_evaluated() -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": "111111111111"}},
    }
    for account, trusted in (("111111111111", True), ("000000000000", False)):
        assert (
            adapter.trusts({"Statement": [statement]}, "sagemaker.amazonaws.com", account, "")
            is trusted
        )
