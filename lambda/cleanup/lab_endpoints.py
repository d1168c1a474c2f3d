"""The endpoints that were made by hand in the lab, with their configs and models.

CloudFormation does not know them. Endpoints cost money, so that they go first; DrainRuns deletes
them when a destroy begins, and Sweep what was made since then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cleanup import aws
from cleanup.deletion_plan import Call, Plan
from cleanup.descriptions import Endpoint
from contract.names import lab_prefix

# SageMaker refuses to delete an endpoint that it is changing.
_BUSY = {"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"}


@dataclass(frozen=True)
class Made:
    """What was made: endpoints, and the names of configs and models."""

    endpoints: Sequence[Endpoint] = ()
    configs: Sequence[str] = ()
    models: Sequence[str] = ()


def plan(made: Made) -> Plan:
    """Delete endpoints, then configs and models."""
    endpoints = Plan(
        tuple(
            Call("sagemaker", "delete_endpoint", {"EndpointName": endpoint["EndpointName"]})
            for endpoint in made.endpoints
            if endpoint["EndpointStatus"] not in _BUSY
        ),
        tuple(
            f"endpoint {endpoint['EndpointName']} ({endpoint['EndpointStatus']})"
            for endpoint in made.endpoints
        ),
    )
    rest = Plan(
        (
            *(
                Call("sagemaker", "delete_endpoint_config", {"EndpointConfigName": name})
                for name in made.configs
            ),
            *(Call("sagemaker", "delete_model", {"ModelName": name}) for name in made.models),
        ),
        (
            *(f"endpoint config {name}" for name in made.configs),
            *(f"model {name}" for name in made.models),
        ),
    )
    return endpoints + (Plan(remaining=rest.remaining) if made.endpoints else rest)


def look(deployment: str) -> Made:
    """Return what the lab of `deployment` has made and not deleted."""
    configs = _made(deployment, "list_endpoint_configs", "EndpointConfigs", "EndpointConfigName")
    models = _made(deployment, "list_models", "Models", "ModelName")
    return Made(
        endpoints=tuple(_made(deployment, "list_endpoints", "Endpoints", "EndpointName")),
        configs=tuple(config["EndpointConfigName"] for config in configs),
        models=tuple(model["ModelName"] for model in models),
    )


def _made(deployment: str, operation: str, key: str, name: str) -> list[Any]:
    """Return what boto3 lists (untyped) with a name of the lab's."""
    prefix = lab_prefix(deployment)
    items = aws.list_all("sagemaker", operation, key, NameContains=prefix)
    return [item for item in items if item[name].startswith(prefix)]
