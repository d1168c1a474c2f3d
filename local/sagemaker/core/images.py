"""Which container images exist: Factorization Machines' own, one registry account per region."""

from contract.fm_images import ACCOUNTS, REPOSITORY
from local.sagemaker.core.errors import invalid

DOMAINS = {
    "cn-": "amazonaws.com.cn",
    "us-iso-": "c2s.ic.gov",
    "us-isob-": "sc2s.sgov.gov",
    "us-isof-": "csp.hci.ic.gov",
}


def check(image: str, region: str) -> None:
    """Raise ValidationException unless the image is the one that a region has for FM."""
    domain = next(
        (d for prefix, d in DOMAINS.items() if region.startswith(prefix)), "amazonaws.com"
    )
    registry = ACCOUNTS.get(region)
    repository = f"{registry}.dkr.ecr.{region}.{domain}/{REPOSITORY}"
    if registry is None or image not in (repository, f"{repository}:1", f"{repository}:latest"):
        raise invalid(f"Requested image {image} not found.")
