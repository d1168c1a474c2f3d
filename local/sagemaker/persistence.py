"""Keeps SageMaker's state across restarts: descriptions as JSON, endpoints served anew."""

import datetime
from collections.abc import Mapping
from typing import Any

from local.ministack.adapter import State
from local.sagemaker import service
from local.sagemaker.core.api import Value
from local.sagemaker.core.region import Region, Resource
from local.sagemaker.resources import apps, domains, endpoints, profiles, spaces
from local.sagemaker.resources.endpoint_configs import EndpointConfig
from local.sagemaker.resources.endpoints import Endpoint
from local.sagemaker.resources.models import Model
from local.sagemaker.resources.studio import App, Domain, LifecycleConfig, Space, UserProfile
from local.sagemaker.resources.training_run import TrainingJob
from local.sagemaker.resources.transform_run import TransformJob

Json = Any
TIME = "$time"
LOST = "InternalServerError: The local account was stopped while the job ran."
RUNNING = ("InProgress", "Stopping")
RESOURCE_TYPES: tuple[type[Resource], ...] = (
    TrainingJob,
    TransformJob,
    Model,
    EndpointConfig,
    Endpoint,
    Domain,
    UserProfile,
    Space,
    App,
    LifecycleConfig,
)


class Keeper:
    """What ministack calls to save and to restore SageMaker; see `adapter.StateKeeper`."""

    def get_state(self) -> State:
        """Return the descriptions and tags of every region, as JSON."""
        return {f"{region.account}/{region.name}": _saved(region) for region in service.regions()}

    def load_persisted_state(self, data: State) -> None:
        """Restore what `get_state` returned; jobs that ran then fail, endpoints start again."""
        for name, saved in data.items():
            account, _, region_name = name.partition("/")
            region = service.region_of(account, region_name)
            _restore(region, saved)
            _resume(region)


def _saved(region: Region) -> State:
    with region.lock:
        return {
            "tables": {
                kind: {name: _to_json(resource.description) for name, resource in table.items()}
                for kind, table in region.tables.items()
            },
            "tags": _to_json(region.tags),
        }


def _restore(region: Region, saved: State) -> None:
    for resource_type in RESOURCE_TYPES:
        for description in saved["tables"].get(resource_type.kind, {}).values():
            region.add(resource_type.create(region, _from_json(description)))
    region.tags.update(saved["tags"])


def _resume(region: Region) -> None:
    """Bring what was under way to an end, and endpoints back into service."""
    for training_job in region.all(TrainingJob):
        if training_job.status in RUNNING:
            training_job.end("Failed", reason=LOST)
    for transform_job in region.all(TransformJob):
        if transform_job.status in RUNNING:
            transform_job.end("Failed", LOST)
    for module in (endpoints, domains, profiles, spaces, apps):
        module.resume(region)


def _to_json(value: Value) -> Json:
    """Return a value of a description as JSON."""
    if isinstance(value, Mapping):
        return {key: _to_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_to_json(item) for item in value]
    if isinstance(value, datetime.datetime):
        return {TIME: value.isoformat()}
    return value


def _from_json(value: Json) -> Value:
    """Return the value that `_to_json` made JSON of."""
    if isinstance(value, dict):
        if TIME in value:
            return datetime.datetime.fromisoformat(value[TIME])
        return {key: _from_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_from_json(item) for item in value]
    return value
