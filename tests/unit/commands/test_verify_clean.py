"""What verify-clean says about what it found."""

import pytest

from commands.console import console
from commands.leftovers import Leftover
from commands.verify_clean import show_leftovers

COMMAND = "aws cloudformation continue-update-rollback --stack-name mine-serving"


@pytest.mark.parametrize(
    ("status", "named"), [("UPDATE_ROLLBACK_FAILED", True), ("UPDATE_ROLLBACK_COMPLETE", False)]
)
def test_the_way_out_of_a_roll_back_that_failed_is_named(status: str, *, named: bool) -> None:
    with console.capture() as printed:
        show_leftovers("mine", [Leftover("stack", f"mine-serving ({status})")])
    assert (COMMAND in printed.get()) is named
