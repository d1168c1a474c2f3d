"""Which container images exist: Factorization Machines' own, one registry account per region."""

from contract.fm_images import ACCOUNTS, REPOSITORY
from contract.regions import partition
from local.sagemaker.core.errors import invalid


def check(image: str, region: str) -> None:
    """Raise ValidationException unless the image is the one that a region has for FM."""
    registry = ACCOUNTS.get(region)
    repository = f"{registry}.dkr.ecr.{region}.{partition(region).dns_suffix}/{REPOSITORY}"
    if registry is None or image not in (repository, f"{repository}:1", f"{repository}:latest"):
        raise invalid(f"Requested image {image} not found.")
