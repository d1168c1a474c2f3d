"""The settings of a deployment: read from the CDK context key `factorstack`, validated at synth."""

import copy
from typing import Annotated, Any

from constructs import Node
from pydantic import AfterValidator, Field, ValidationError

from contract.names import DEPLOYMENT, lab_owner
from contract.validation import Problem, describe
from stacks.endpoint_settings import Endpoint, InstanceType, SettingsModel
from stacks.region_offers import endpoint_instance

CONTEXT_KEY = DEPLOYMENT


def _not_of_a_lab(name: str) -> str:
    owner = lab_owner(name)
    if owner is not None:
        raise ValueError(
            "may neither end in '-lab' nor contain '-lab-': what is called so belongs to the lab "
            f"of the deployment '{owner}'"
        )
    return name


# The longest name built from it is a training job's, of 63 characters (stacks.training_state).
Name = Annotated[
    str,
    Field(pattern=r"^[a-z](?:-?[a-z0-9])*$", max_length=30),
    AfterValidator(_not_of_a_lab),
]


Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]


class SettingsError(ValueError):
    """A setting is unknown, or has a value that cannot be deployed; the message names its key."""


class Training(SettingsModel):
    """The instance that a training job runs on."""

    instance_type: InstanceType = "ml.m5.large"
    volume_gib: Annotated[int, Field(ge=1, le=16384)] = 10
    max_runtime_minutes: Annotated[int, Field(ge=1, le=5 * 24 * 60)] = 180


class Studio(SettingsModel):
    """The JupyterLab space of the lab."""

    instance_type: InstanceType = "ml.t3.medium"
    idle_timeout_minutes: Annotated[int, Field(ge=60, le=525600)] = 60


class Functions(SettingsModel):
    """Memory and disk of each task function."""

    memory_mib: Annotated[int, Field(ge=512, le=10240)] = 3008
    ephemeral_storage_mib: Annotated[int, Field(ge=512, le=10240)] = 4096


class Settings(SettingsModel):
    """All settings of a deployment, with defaults that fit a new AWS account."""

    name: Name = DEPLOYMENT
    training: Training = Training()
    endpoint: Endpoint = Endpoint()
    studio: Studio = Studio()
    functions: Functions = Functions()
    failure_email: Email | None = None


def from_context(node: Node, region: str) -> Settings:
    """Return the settings in the context of `node`, with the defaults of a region.

    `cdk.json` holds them as an object; a dotted key, `cdk -c factorstack.name=mine`, overrides one.

    Raises:
        SettingsError: a key is unknown or a value is not valid; one line for each, naming the key.
    """
    context: dict[str, Any] = node.get_all_context()  # JSON, not checked yet
    document = copy.deepcopy(context.get(CONTEXT_KEY) or {})
    for key, value in context.items():
        if key.startswith(f"{CONTEXT_KEY}."):
            *parents, leaf = key.split(".")[1:]
            section = document
            for parent in parents:
                section = section.setdefault(parent, {})
            section[leaf] = value
    _add_endpoint_instance(document, region)
    try:
        return Settings.model_validate(document)
    except ValidationError as error:
        raise SettingsError("\n".join(map(_refusal, error.errors()))) from error


def _add_endpoint_instance(document: dict[str, Any], region: str) -> None:
    """Name the endpoint's instance type (in JSON, not checked yet) where the default is missing."""
    endpoint = document.setdefault("endpoint", {})
    if isinstance(endpoint, dict) and endpoint.get("serverless") is None:
        endpoint.setdefault("instance_type", endpoint_instance(region))


def _refusal(problem: Problem) -> str:
    below_key = {**problem, "loc": (CONTEXT_KEY, *problem["loc"])}
    return f"setting {describe(below_key, whole=CONTEXT_KEY)}; see cdk.json"
