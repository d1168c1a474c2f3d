"""Settings are typed, and a wrong one is named."""

import pytest
from aws_cdk import App
from pydantic import ValidationError

from contract import names
from stacks.settings import Settings, SettingsError, from_context


def _settings(**context: object) -> Settings:
    return from_context(App(context=context).node, "us-east-1")


def test_nothing_needs_to_be_set() -> None:
    assert _settings() == Settings()


def test_an_object_in_the_context_is_read() -> None:
    assert _settings(factorstack={"name": "mine"}).name == "mine"


def test_a_dotted_key_overrides_one_setting_and_keeps_the_others() -> None:
    settings = _settings(
        **{
            "factorstack": {"name": "mine", "training": {"volume_gib": 20}},
            "factorstack.training.max_runtime_minutes": "90",
        }
    )
    assert (settings.name, settings.training.volume_gib) == ("mine", 20)
    assert settings.training.max_runtime_minutes == 90


@pytest.mark.parametrize("name", ["", "Upper", "has_underscore", "-x", "x-", "a--b", "a" * 31])
def test_a_name_that_resources_cannot_carry_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match=r"factorstack\.name"):
        _settings(factorstack={"name": name})


@pytest.mark.parametrize(
    ("name", "owner"), [("mine-lab", "mine"), ("mine-lab-x", "mine"), ("lab-lab", "lab")]
)
def test_a_name_that_would_be_taken_for_anothers_lab_is_refused(name: str, owner: str) -> None:
    with pytest.raises(SettingsError, match=rf"factorstack\.name: may neither .*'{owner}' "):
        _settings(factorstack={"name": name})


@pytest.mark.parametrize("name", ["lab", "lab-x", "label", "mine-label", "collab"])
def test_a_name_that_only_resembles_a_lab_is_taken(name: str) -> None:
    assert _settings(factorstack={"name": name}).name == name


def test_an_unknown_setting_is_named() -> None:
    with pytest.raises(SettingsError, match=r"factorstack\.endpoint\.instances: no such key"):
        _settings(factorstack={"endpoint": {"instances": 2}})


def test_a_refusal_begins_with_the_key_and_not_with_pydantics_prefix() -> None:
    endpoint = {"instance_type": "ml.m5.large", "autoscaling": {"minimum": 3, "maximum": 2}}
    with pytest.raises(SettingsError) as raised:
        _settings(factorstack={"endpoint": endpoint})
    assert str(raised.value) == (
        "setting factorstack.endpoint.autoscaling: maximum 2 is less than minimum 3 "
        "(given: \"{'minimum': 3, 'maximum': 2}\"); see cdk.json"
    )


@pytest.mark.parametrize(
    ("region", "instance_type"), [("us-east-1", "ml.t2.medium"), ("eu-north-1", "ml.m5.large")]
)
def test_the_endpoints_instance_is_one_that_the_region_has(region: str, instance_type: str) -> None:
    assert from_context(App().node, region).endpoint.instance_type == instance_type


def test_a_region_changes_neither_a_chosen_instance_nor_a_serverless_endpoint() -> None:
    chosen = {"factorstack": {"endpoint": {"instance_type": "ml.c5.large"}}}
    settings = from_context(App(context=chosen).node, "eu-north-1")
    assert settings.endpoint.instance_type == "ml.c5.large"
    serverless: dict[str, object] = {"factorstack": {"endpoint": {"serverless": {}}}}
    assert from_context(App(context=serverless).node, "eu-north-1").endpoint.serverless


def test_the_longest_name_leaves_room_for_a_training_jobs_numbers() -> None:
    longest = "a" * 30
    job = names.execution_job_prefix(Settings(name=longest).name, "run", by_time=True)
    assert len(f"{job}-10-34") == 63
    with pytest.raises(ValidationError, match="at most 30"):
        Settings(name=longest + "a")
