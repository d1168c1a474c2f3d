"""A new account's functions have at most 3008 MiB of memory."""

from local.ministack import lambda_limits


def test_up_to_3008_mib_are_allowed() -> None:
    assert lambda_limits.problem(3008) is None


def test_more_is_refused_as_lambda_words_it() -> None:
    refused = lambda_limits.problem(3009)
    assert refused is not None
    assert refused.endswith("Member must have value less than or equal to 3008")
