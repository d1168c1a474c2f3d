"""Every operation that the account serves, by name."""

from collections.abc import Mapping

from local.sagemaker import endpoints, models, tagging, training
from local.sagemaker.operation import Operation

OPERATIONS: Mapping[str, Operation] = {
    **training.OPERATIONS,
    **models.OPERATIONS,
    **endpoints.OPERATIONS,
    **tagging.OPERATIONS,
}
