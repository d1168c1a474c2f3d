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
    file_system_id=st.none() | st.text(),
    security_group_ids=st.lists(st.text()).map(tuple),
)


@given(st.lists(RECORDS).map(tuple))
def test_records_survive_the_parameter(written: tuple[DomainRecord, ...]) -> None:
    assert domain_records.decode(domain_records.encode(written)) == written


@given(st.lists(RECORDS), st.lists(RECORDS))
def test_merging_makes_one_record_of_each_domain_and_loses_nothing(
    written: list[DomainRecord], new: list[DomainRecord]
) -> None:
    merged = {record.domain_id: record for record in domain_records.merge(written, new)}
    assert len(merged) == len(domain_records.merge(written, new))
    assert merged.keys() == {record.domain_id for record in [*written, *new]}
    for record in [*written, *new]:
        of_domain = merged[record.domain_id]
        assert set(record.security_group_ids) <= set(of_domain.security_group_ids)
        assert of_domain.file_system_id or not record.file_system_id


def test_what_is_known_of_a_domain_is_not_written_again(stub: Callable[[str], Stubber]) -> None:
    record = DomainRecord("d-1", "fs-1", ("sg-1", "sg-2"))
    answer = {"Parameter": {"Value": domain_records.encode([record])}}
    stub("ssm").add_response("get_parameter", answer, {"Name": "Records"})
    known = DomainRecord("d-1", None, ("sg-2",))
    assert domain_records.write("Records", [known]) == (record,)


def test_records_of_an_earlier_version_are_read() -> None:
    value = (
        '[{"domain_id": "d-1", "domain_arn": "x", "file_system_id": null,'
        ' "security_group_ids": []}]'
    )
    assert domain_records.decode(value) == (DomainRecord("d-1", None, ()),)


def test_a_parameter_that_is_gone_holds_nothing(stub: Callable[[str], Stubber]) -> None:
    stub("ssm").add_client_error("get_parameter", "ParameterNotFound")
    assert domain_records.read("Records") == ()


def test_a_parameter_as_cloudformation_made_it_holds_nothing() -> None:
    assert domain_records.decode("[]") == ()
