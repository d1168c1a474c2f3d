"""The CloudFormation types agree with the resource schemas that cfn-lint carries."""

import json
from importlib.resources import files
from typing import Any

import pytest

from local.sagemaker.integrations.resource_types import TYPES


@pytest.fixture(scope="module")
def schemas() -> dict[str, Any]:
    """Return the resource schema of each type."""
    data = files("cfnlint.data.schemas")
    index = json.loads((data / "providers" / "us-east-1.json").read_text())
    schemas = {}
    for name in TYPES:
        entry = index[name]
        if isinstance(entry, str):
            matches = [path for path in (data / "resources").iterdir() if entry in path.name]
            entry = json.loads(matches[0].read_text())
        schemas[name] = entry
    return schemas


def top_level(paths: list[str]) -> set[str]:
    """Return the properties that JSON pointers of a schema name, without nested ones."""
    return {path.split("/")[2] for path in paths if path.count("/") == 2}


@pytest.mark.parametrize("name", TYPES)
def test_replacing_properties_are_the_create_only_ones(name: str, schemas: dict[str, Any]) -> None:
    assert set(TYPES[name].replacing) == top_level(schemas[name]["createOnlyProperties"])


@pytest.mark.parametrize("name", TYPES)
def test_every_read_only_property_can_be_got(name: str, schemas: dict[str, Any]) -> None:
    assert top_level(schemas[name]["readOnlyProperties"]) <= set(TYPES[name].attributes)


@pytest.mark.parametrize("name", TYPES)
def test_ref_is_made_of_the_primary_identifier(name: str, schemas: dict[str, Any]) -> None:
    kind = TYPES[name]
    identifier = [path.split("/")[2] for path in schemas[name]["primaryIdentifier"]]
    assert identifier == ([kind.ref] if kind.ref else list(kind.identity))


def test_reference_of_a_resource_names_it_again() -> None:
    profile = TYPES["AWS::SageMaker::UserProfile"]
    reference = profile.reference({"UserProfileName": "user", "DomainId": "d-1"})
    assert profile.request(reference) == {"UserProfileName": "user", "DomainId": "d-1"}
    model = TYPES["AWS::SageMaker::Model"]
    arn = model.reference({"ModelArn": "arn:aws:sagemaker:r:a:model/name"})
    assert model.request(arn) == {"ModelName": "name"}
