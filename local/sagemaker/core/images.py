"""Which container images exist: that of Factorization Machines, in one registry per region."""

from contract.fm_images import ACCOUNTS, REPOSITORY
from contract.regions import partition
from local.sagemaker.core.errors import invalid


def check(image: str, region: str) -> None:
    """Check that an image is that of Factorization Machines in a region.

    Raises:
        ServiceError: ValidationException, worded as AWS words it.
    """
    registry = ACCOUNTS.get(region)
    repository = f"{registry}.dkr.ecr.{region}.{partition(region).dns_suffix}/{REPOSITORY}"
    if registry is None or image not in (repository, f"{repository}:1", f"{repository}:latest"):
        raise invalid(f"Requested image {image} not found.")
