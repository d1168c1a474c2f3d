"""A pytest plugin with a local account as a fixture: `pytest -p local.pytest_plugin`."""

from collections.abc import Iterator

import pytest

from local.account import LocalAccount

HIDDEN = ("AWS_PROFILE", "AWS_SESSION_TOKEN")


@pytest.fixture(scope="session")
def local_account() -> Iterator[LocalAccount]:
    """Run a local account whose states take no time for the session.

    Environment variables make it the account of every AWS client: `boto3.client("sagemaker")`.
    """
    with LocalAccount(delay=0.0, wait_scale=0.0) as account, pytest.MonkeyPatch.context() as patch:
        for name in HIDDEN:
            patch.delenv(name, raising=False)
        for name, value in account.environment.items():
            patch.setenv(name, value)
        yield account
