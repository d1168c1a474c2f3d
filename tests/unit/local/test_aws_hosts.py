"""AWS's hosts are known in every partition, and the certificate names those of the SDKs."""

import pytest

from contract.fm_images import ACCOUNTS
from contract.regions import partition
from local import aws_hosts

NAMES = aws_hosts.certificate_names()


def is_named(host: str) -> bool:
    """Tell whether the certificate names a host; an asterisk stands for one label."""
    rest = host.partition(".")[2]
    return f"*.{rest}" in NAMES or host in NAMES


@pytest.mark.parametrize(
    "host",
    [
        "sts.us-east-1.amazonaws.com",
        "STS.us-east-1.AmazonAWS.com.",
        "sts.cn-north-1.amazonaws.com.cn",
        "sagemaker.us-east-1.api.aws",
        "d-1.studio.us-east-1.sagemaker.aws",
        "sts.us-iso-east-1.c2s.ic.gov",
        "sm-pysdk-t-us-east-1.s3.us-east-1.amazonaws.com",
    ],
)
def test_host_of_aws_is_recognised(host: str) -> None:
    assert aws_hosts.is_aws(host)


@pytest.mark.parametrize(
    "host", ["pypi.org", "myamazonaws.com", "amazonaws.com.example.org", "aws.amazon.com", "::1"]
)
def test_other_host_is_not_of_aws(host: str) -> None:
    assert not aws_hosts.is_aws(host)


@pytest.mark.parametrize("region", ACCOUNTS)
def test_certificate_names_what_the_sdks_call_in_a_region(region: str) -> None:
    suffix = partition(region).dns_suffix
    for host in ("sts", "ecr", "runtime.sagemaker", "sm-pysdk-t.s3"):
        assert is_named(f"{host}.{region}.{suffix}"), (host, region)
