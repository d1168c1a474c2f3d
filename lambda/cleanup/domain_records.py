"""What DrainDomain writes down of a domain for Sweep, which runs when the domain is gone.

An SSM parameter holds it. CloudFormation owns the parameter and deletes it after Sweep.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from cleanup import aws


@dataclass(frozen=True)
class DomainRecord:
    """A domain and what SageMaker made for it.

    Attributes:
        domain_id: The domain.
        domain_arn: Its ARN.
        file_system_id: Its home file system; None if it has none.
        security_group_ids: Its security groups for NFS.
    """

    domain_id: str
    domain_arn: str
    file_system_id: str | None
    security_group_ids: tuple[str, ...]


def encode(records: Iterable[DomainRecord]) -> str:
    """Return the parameter's value that holds `records`."""
    return json.dumps([asdict(record) for record in records])


def decode(value: str) -> tuple[DomainRecord, ...]:
    """Return the records in the parameter's value."""
    return tuple(
        DomainRecord(**{**item, "security_group_ids": tuple(item["security_group_ids"])})
        for item in json.loads(value)
    )


def merge(records: Iterable[DomainRecord], new: DomainRecord) -> tuple[DomainRecord, ...]:
    """Return `records` with `new` in the place of an older record of the same domain.

    Other domains stay: when an update replaces the domain, both leave something to sweep.
    """
    return (*(record for record in records if record.domain_id != new.domain_id), new)


def read(parameter: str) -> tuple[DomainRecord, ...]:
    """Return the records in the SSM parameter; none if the parameter itself is gone."""
    answer = aws.describe("ssm", "get_parameter", Name=parameter)
    return decode(answer["Parameter"]["Value"]) if answer else ()


def write(parameter: str, record: DomainRecord) -> None:
    """Add a record to the SSM parameter."""
    value = encode(merge(read(parameter), record))
    aws.client("ssm").put_parameter(Name=parameter, Value=value, Type="String", Overwrite=True)
