"""What is written down of domains, for Sweep, which runs when the domain is gone.

DrainDomain writes what belongs to its domain, and Sweep what it finds of others in the VPC. An SSM
parameter holds it. CloudFormation owns the parameter and deletes it after Sweep.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from cleanup import aws


@dataclass(frozen=True)
class DomainRecord:
    """A domain and what SageMaker made for it.

    Attributes:
        domain_id: The domain.
        file_system_id: Its home file system; None if it has none.
        security_group_ids: Its security groups for NFS.
    """

    domain_id: str
    file_system_id: str | None
    security_group_ids: tuple[str, ...]


def encode(records: Iterable[DomainRecord]) -> str:
    """Return the parameter's value that holds `records`."""
    return json.dumps([asdict(record) for record in records])


def decode(value: str) -> tuple[DomainRecord, ...]:
    """Return the records in the parameter's value."""
    return tuple(
        DomainRecord(item["domain_id"], item["file_system_id"], tuple(item["security_group_ids"]))
        for item in json.loads(value)
    )


def merge(records: Iterable[DomainRecord], new: Iterable[DomainRecord]) -> tuple[DomainRecord, ...]:
    """Return both as one record for each domain, in which nothing is lost.

    When an update replaces the domain, both leave something to sweep.
    """
    merged: dict[str, DomainRecord] = {}
    for record in (*records, *new):
        known = merged.get(record.domain_id, record)
        merged[record.domain_id] = replace(
            record,
            file_system_id=record.file_system_id or known.file_system_id,
            security_group_ids=tuple(
                sorted({*known.security_group_ids, *record.security_group_ids})
            ),
        )
    return tuple(merged.values())


def read(parameter: str) -> tuple[DomainRecord, ...]:
    """Return the records in the SSM parameter; none if the parameter itself is gone."""
    answer = aws.describe("ssm", "get_parameter", Name=parameter)
    return decode(answer["Parameter"]["Value"]) if answer else ()


def write(parameter: str, new: Iterable[DomainRecord]) -> tuple[DomainRecord, ...]:
    """Add records to the SSM parameter, if it lacks anything of them; return all."""
    written = read(parameter)
    merged = merge(written, new)
    if merged != written:
        aws.client("ssm").put_parameter(
            Name=parameter, Value=encode(merged), Type="String", Overwrite=True
        )
    return merged
