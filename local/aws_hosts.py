"""Which hosts are AWS's, and under which of their names the account answers.

Source: `endpoints.json` of botocore, which lists the regions of each partition and their domains.
"""

import functools
from typing import Any

import botocore.session

# Domains that endpoints.json does not have: Studio, notebooks and MLflow; function URLs.
_OTHER_DOMAINS = frozenset({"sagemaker.aws", "on.aws"})


def is_aws(host: str) -> bool:
    """Tell whether a host belongs to a service of AWS, in any partition."""
    name = host.lower().rstrip(".")
    return any(name == domain or name.endswith(f".{domain}") for domain in _all_domains())


def certificate_names() -> list[str]:
    """Return the names for the account's certificate; an asterisk stands for one label.

    They cover the services of every region, buckets by virtual host, and SageMaker's hosts of two
    labels (`runtime.sagemaker.<region>`).
    """
    names = []
    for partition in _partitions():
        for domain in sorted(_domains(partition)):
            names += [f"*.{domain}", f"*.s3.{domain}"]
            for region in partition["regions"]:
                names += [f"{kind}{region}.{domain}" for kind in ("*.", "*.s3.", "*.sagemaker.")]
    return list(dict.fromkeys(names))


def _domains(partition: dict[str, Any]) -> set[str]:
    """Return the domains of a partition: for IPv4, and for both IPv4 and IPv6."""
    return {each["dnsSuffix"] for each in (partition, *partition["defaults"]["variants"])}


@functools.cache
def _partitions() -> list[dict[str, Any]]:
    endpoints = botocore.session.get_session().get_data("endpoints")
    partitions: list[dict[str, Any]] = endpoints["partitions"]
    return partitions


@functools.cache
def _all_domains() -> frozenset[str]:
    return _OTHER_DOMAINS.union(*map(_domains, _partitions()))
