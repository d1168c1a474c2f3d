"""The image table has every region that SageMaker offers FM in."""

from contract.fm_images import ACCOUNTS


def test_the_table_has_all_regions_and_twelve_digit_accounts() -> None:
    assert len(ACCOUNTS) == 37
    assert all(len(account) == 12 and account.isdigit() for account in ACCOUNTS.values())
    assert len(set(ACCOUNTS.values())) == 37
