"""What is written down of domains comes back as it was, and nothing of another domain is lost."""

from collections.abc import Callable

from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from cleanup import domain_records
from cleanup.domain_records import DomainRecord

RECORDS = st.builds(
    DomainRecord,
    domain_id=st.from_regex(r"d-[a-z0-9]{1,8}", fullmatch=True),
    domain_arn=st.text(),
    file_system_id=st.none() | st.text(),
    security_group_ids=st.lists(st.text()).map(tuple),
)


@given(st.lists(RECORDS).map(tuple))
def test_records_survive_the_parameter(written: tuple[DomainRecord, ...]) -> None:
    assert domain_records.decode(domain_records.encode(written)) == written


@given(st.lists(RECORDS, unique_by=lambda record: record.domain_id), RECORDS)
def test_merging_replaces_the_same_domain_and_keeps_the_others(
    written: list[DomainRecord], new: DomainRecord
) -> None:
    merged = domain_records.merge(written, new)
    assert new in merged
    assert {record.domain_id for record in merged} == {
        record.domain_id for record in [*written, new]
    }
    assert all(r in merged for r in written if r.domain_id != new.domain_id)


def test_a_parameter_that_is_gone_holds_nothing(stub: Callable[[str], Stubber]) -> None:
    stub("ssm").add_client_error("get_parameter", "ParameterNotFound")
    assert domain_records.read("Records") == ()


def test_a_parameter_as_cloudformation_made_it_holds_nothing() -> None:
    assert domain_records.decode("[]") == ()
