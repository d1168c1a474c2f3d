"""The partition of a region, and the domain under which AWS serves it.

Source: `endpoints.json` of botocore, with which a test compares these.
"""

from typing import NamedTuple


class Partition(NamedTuple):
    """A group of regions that share accounts.

    Attributes:
        name: As it stands in ARNs.
        dns_suffix: The domain under which AWS serves the regions.
    """

    name: str
    dns_suffix: str


_AWS = Partition("aws", "amazonaws.com")
_BY_PREFIX = {
    "cn-": Partition("aws-cn", "amazonaws.com.cn"),
    "us-gov-": Partition("aws-us-gov", "amazonaws.com"),
    "us-iso-": Partition("aws-iso", "c2s.ic.gov"),
    "us-isob-": Partition("aws-iso-b", "sc2s.sgov.gov"),
    "eu-isoe-": Partition("aws-iso-e", "cloud.adc-e.uk"),
    "us-isof-": Partition("aws-iso-f", "csp.hci.ic.gov"),
    "eusc-": Partition("aws-eusc", "amazonaws.eu"),
}


def partition(region: str) -> Partition:
    """Return the partition that `region` belongs to."""
    return next((p for prefix, p in _BY_PREFIX.items() if region.startswith(prefix)), _AWS)
