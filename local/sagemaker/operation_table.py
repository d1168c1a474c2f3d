"""Every operation that the account serves, by name."""

from collections.abc import Mapping

from local.sagemaker import (
    apps,
    domains,
    endpoints,
    lifecycles,
    models,
    profiles,
    search,
    tagging,
    training,
    transform,
)
from local.sagemaker.operation import Operation

OPERATIONS: Mapping[str, Operation] = {
    **training.OPERATIONS,
    **transform.OPERATIONS,
    **search.OPERATIONS,
    **models.OPERATIONS,
    **endpoints.OPERATIONS,
    **domains.OPERATIONS,
    **profiles.OPERATIONS,
    **apps.OPERATIONS,
    **lifecycles.OPERATIONS,
    **tagging.OPERATIONS,
}
