"""Keeps SageMaker's state across restarts: records as JSON, endpoints served anew."""

import datetime
from collections.abc import Mapping
from typing import Any

from local.sagemaker import service
from local.sagemaker.core.region import Record, Region
from local.sagemaker.resources import (
    apps,
    domains,
    endpoints,
    profiles,
    training_jobs,
    training_run,
    transform_jobs,
)

TIME = "$time"
LIVE = ("_fleet", "_stop")  # members of a record that mean something in one process only
LOST = "InternalServerError: The local account was stopped while the job ran."


class Keeper:
    """What ministack asks to save and to restore a service."""

    def get_state(self) -> dict[str, Any]:
        """Every region's resources and tags, without what only lives in this process."""
        return {
            f"{region.account}/{region.name}": {
                "tables": {
                    kind: {name: _kept(record) for name, record in table.items()}
                    for kind, table in region.tables.items()
                },
                "tags": region.tags,
            }
            for region in service.regions()
        }

    def load_persisted_state(self, data: Mapping[str, Any]) -> None:
        """Restore what `get_state` gave; jobs that ran then have failed, endpoints start again."""
        for name, saved in data.items():
            account, _, region_name = name.partition("/")
            region = service.region_of(account, region_name)
            region.tables.update(_revived(saved["tables"]))
            region.tags.update(saved["tags"])
            _resume(region)


def _resume(region: Region) -> None:
    """Bring what was under way to an end, and endpoints back into service."""
    for job in _running(region, training_jobs.KIND, "TrainingJobStatus"):
        training_run.end(region, job, "Failed", reason=LOST)
    for job in _running(region, transform_jobs.KIND, "TransformJobStatus"):
        transform_jobs.end(region, job, "Failed", LOST)
    for module in (endpoints, domains, profiles, apps):
        module.resume(region)


def _running(region: Region, kind: str, status: str) -> list[Record]:
    return [job for job in region.all(kind) if job[status] in ("InProgress", "Stopping")]


def _kept(record: Record) -> Record:
    return {name: _plain(value) for name, value in record.items() if name not in LIVE}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, datetime.datetime):
        return {TIME: value.isoformat()}
    return value


def _revived(value: Any) -> Any:
    if isinstance(value, dict):
        if TIME in value:
            return datetime.datetime.fromisoformat(value[TIME])
        return {key: _revived(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_revived(item) for item in value]
    return value
