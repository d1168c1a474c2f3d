"""Every operation that the account serves, by name."""

from collections.abc import Mapping

from local.sagemaker.core import tagging
from local.sagemaker.core.operation import Operation
from local.sagemaker.resources import (
    apps,
    domains,
    endpoint_configs,
    endpoints,
    lifecycle_configs,
    models,
    presigned_urls,
    profiles,
    search,
    spaces,
    training_jobs,
    transform_jobs,
)

OPERATIONS: Mapping[str, Operation] = {
    **training_jobs.OPERATIONS,
    **transform_jobs.OPERATIONS,
    **search.OPERATIONS,
    **models.OPERATIONS,
    **endpoint_configs.OPERATIONS,
    **endpoints.OPERATIONS,
    **domains.OPERATIONS,
    **presigned_urls.OPERATIONS,
    **profiles.OPERATIONS,
    **spaces.OPERATIONS,
    **apps.OPERATIONS,
    **lifecycle_configs.OPERATIONS,
    **tagging.OPERATIONS,
}
