"""What is stored of a resource is what its Describe operation shows, and that is what is saved."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape

from local.sagemaker import persistence, service
from local.sagemaker.core import wire
from local.sagemaker.core.region import Region, Resource
from local.sagemaker.resources import home_file_system
from local.sagemaker.resources.endpoints import Endpoint
from local.sagemaker.resources.studio import Domain, UserProfile
from local.sagemaker.resources.training_run import TrainingJob
from local.sagemaker.resources.transform_run import TransformJob

RunOperation = Callable[..., dict[str, Any]]


def foreign_members(shape: Shape | None, value: Any, path: str) -> list[str]:
    """Return the paths of the members, at any depth, that the shape does not have."""
    if isinstance(shape, StructureShape):
        foreign = [f"{path}.{name}" for name in value if name not in shape.members]
        inner = [(shape.members[name], value[name], name) for name in value.keys() & shape.members]
    elif isinstance(shape, ListShape):
        foreign, inner = [], [(shape.member, item, "*") for item in value]
    elif isinstance(shape, MapShape):
        foreign, inner = [], [(shape.value, item, name) for name, item in value.items()]
    else:
        return []
    return [*foreign, *(name for part in inner for name in _inside(path, *part))]


def _inside(path: str, shape: Shape, value: Any, name: str) -> list[str]:
    return foreign_members(shape, value, f"{path}.{name}")


def check_descriptions(region: Region) -> None:
    """Fail if a description has a member that its Describe operation does not have."""
    for table in region.tables.values():
        for resource in table.values():
            operation = f"Describe{resource.noun}"
            shape = wire.operations()[operation].output_shape
            assert foreign_members(shape, resource.description, operation) == []


def restart() -> Region:
    """Save the state and restore it in a new process, as far as SageMaker can tell."""
    saved = json.loads(json.dumps(persistence.Keeper().get_state()))
    service._regions.clear()
    persistence.Keeper().load_persisted_state(saved)
    (region,) = service.regions()
    return region


def the(region: Region, resource_type: type[Resource]) -> Resource:
    """Return the only resource of a type."""
    (resource,) = region.all(resource_type)
    return resource


def test_every_type_of_resource_is_in_the_region_and_can_be_restored(region: Region) -> None:
    assert {each.kind for each in persistence.RESOURCE_TYPES} == set(region.tables)
    assert all(len(table) == 1 for table in region.tables.values())


def test_new_resources_have_no_member_that_describe_lacks(region: Region) -> None:
    check_descriptions(region)


def test_changed_resources_have_no_member_that_describe_lacks(
    region: Region, call: RunOperation
) -> None:
    domain = {"DomainId": the(region, Domain).description["DomainId"]}
    call("UpdateDomain", **domain)
    call("UpdateUserProfile", **domain, UserProfileName="user")
    call("UpdateSpace", **domain, SpaceName="space")
    call("UpdateEndpoint", EndpointName="endpoint", EndpointConfigName="config")
    serverless = {"VariantName": "A", "DesiredWeight": 2.0, "ServerlessUpdateConfig": {}}
    call(
        "UpdateEndpointWeightsAndCapacities",
        EndpointName="endpoint",
        DesiredWeightsAndCapacities=[serverless],
    )
    call("StopTrainingJob", TrainingJobName="training")
    call("StopTransformJob", TransformJobName="transform")
    check_descriptions(region)


def test_ended_jobs_have_no_member_that_describe_lacks(region: Region) -> None:
    metric = {"MetricName": "test:rmse", "Value": 1.0}
    (training,), (transform,) = region.all(TrainingJob), region.all(TransformJob)
    training.enter("Downloading")
    training.end("Failed", reason="no reason", metrics=[metric])
    transform.end("Failed", "no reason")
    check_descriptions(region)


def test_saved_is_exactly_the_description(region: Region) -> None:
    (state,) = persistence.Keeper().get_state().values()
    for kind, table in region.tables.items():
        (resource,), (saved,) = table.values(), state["tables"][kind].values()
        assert persistence._from_json(saved) == resource.description


def test_restored_resources_are_described_as_before(region: Region) -> None:
    region.all(TrainingJob)[0].end("Completed")
    region.all(TransformJob)[0].end("Completed")
    restored = restart()
    for resource_type in persistence.RESOURCE_TYPES:
        before, after = the(region, resource_type), the(restored, resource_type)
        if resource_type is Endpoint:  # it was deployed anew
            for each in (before, after):
                each.description.pop("LastModifiedTime")
        assert after.description == before.description
    assert restored.tags == region.tags


def test_jobs_that_ran_have_failed_after_a_restart(region: Region) -> None:
    restored = restart()
    (training,), (transform,) = restored.all(TrainingJob), restored.all(TransformJob)
    assert (training.status, transform.status) == ("Failed", "Failed")
    for job in (training, transform):
        assert job.description["FailureReason"] == persistence.LOST


def test_endpoint_serves_again_after_a_restart(region: Region) -> None:
    (endpoint,) = restart().all(Endpoint)
    assert endpoint.status == "InService"
    assert endpoint.fleet is not None


def test_user_ids_go_on_after_a_restart(region: Region, call: RunOperation) -> None:
    restored = restart()
    (domain,) = restored.all(Domain)
    call("CreateUserProfile", DomainId=domain.description["DomainId"], UserProfileName="next")
    uids = [int(each.description["HomeEfsFileSystemUid"]) for each in restored.all(UserProfile)]
    assert uids == [200002, 200004]  # the space has the one between


def test_domain_that_was_being_deleted_is_gone_after_a_restart(region: Region) -> None:
    (domain,) = region.all(Domain)
    domain.enter("Deleting")
    assert restart().all(Domain) == []


def test_files_of_a_domain_are_deleted_before_the_domain_is_gone(
    region: Region, call: RunOperation, monkeypatch: pytest.MonkeyPatch
) -> None:
    (domain,) = region.all(Domain)
    inside = {"DomainId": domain.description["DomainId"]}
    call(
        "DeleteApp",
        **inside,
        AppType="JupyterLab",
        UserProfileName=None,
        SpaceName="space",
        AppName="x",
    )
    call("DeleteSpace", **inside, SpaceName="space")
    call("DeleteUserProfile", **inside, UserProfileName="user")
    seen: list[tuple[str, str]] = []
    monkeypatch.setattr(
        home_file_system,
        "delete_file_system",
        lambda _region, file_system: seen.append((file_system, domain.status)),
    )
    call("DeleteDomain", **inside, RetentionPolicy={"HomeEfsFileSystem": "Delete"})
    assert seen == [("fs-1", "Deleting")]
    assert region.all(Domain) == []
