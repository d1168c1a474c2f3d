"""Each option of the endpoint, synthesised, linted, and with the permissions that it needs."""

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack, Tags
from aws_cdk import aws_iam as iam
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from contract import names
from stacks.endpoint_settings import Endpoint
from stacks.serving_role import ServingRole
from stacks.serving_stack import ServingStack
from stacks.settings import Settings

OPTIONS: dict[str, dict[str, Any]] = {
    "instances": {"instance_type": "ml.m5.large", "instance_count": 3},
    "serverless": {"serverless": {"memory_mib": 4096, "max_concurrency": 7}},
    "autoscaling": {"instance_type": "ml.m5.large", "autoscaling": {"maximum": 6}},
    "canary": {"instance_count": 2, "blue_green": {"wait_minutes": 3}},
    "linear": {"instance_count": 4, "blue_green": {"steps": "linear", "step_percent": 25}},
    "all_at_once": {"blue_green": {"steps": "all_at_once"}},
}

# What the registry's handlers list for properties that the Serving stack never sets.
OF_OTHER_PROPERTIES = {
    "application-autoscaling:DeleteScheduledAction": "ScheduledActions of a ScalableTarget",
    "application-autoscaling:PutScheduledAction": "ScheduledActions of a ScalableTarget",
    "kms:DescribeKey": "KmsKeyId of an EndpointConfig",
    "lambda:DeleteProvisionedConcurrencyConfig": "targets of the namespace lambda",
    "lambda:GetProvisionedConcurrencyConfig": "targets of the namespace lambda",
    "lambda:PutProvisionedConcurrencyConfig": "targets of the namespace lambda",
}


@pytest.fixture(scope="module")
def synthesised(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """For each option the folder of its assembly."""
    return {name: _synth(tmp_path_factory.mktemp(name), name) for name in OPTIONS}


def _synth(folder: Path, name: str) -> Path:
    context = json.loads((Path(__file__).parents[2] / "cdk.json").read_text())["context"]
    app = App(outdir=str(folder), context=context)
    endpoint = Endpoint.model_validate(OPTIONS[name])
    settings = Settings(name="mine", endpoint=endpoint)
    studio = Stack(app, "mine-studio")
    role = iam.Role(studio, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    ServingRole(
        studio, "ServingRole", deployment="mine", execution_role=role, endpoint=settings.endpoint
    )
    ServingStack(app, "mine-serving", settings=settings, execution_role=role)
    Tags.of(app).add(names.DEPLOYMENT_TAG, "mine")
    app.synth()
    return folder


def _resources(folder: Path, stack: str) -> dict[str, Any]:
    template = json.loads((folder / f"mine-{stack}.template.json").read_text())
    resources: dict[str, Any] = template["Resources"]
    return resources


def _of_type(resources: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [resource for resource in resources.values() if resource["Type"] == kind]


def _actions(folder: Path) -> str:
    return json.dumps(_of_type(_resources(folder, "studio"), "AWS::IAM::Policy"))


def test_cfn_lint_reports_nothing(synthesised: dict[str, Path]) -> None:
    templates = [str(folder / "mine-serving.template.json") for folder in synthesised.values()]
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--regions", "us-east-1"]
    command += ["--ignore-checks", "W3005", "--template", *templates]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", OPTIONS)
def test_nothing_exists_before_there_is_a_model(synthesised: dict[str, Path], name: str) -> None:
    for resource in _resources(synthesised[name], "serving").values():
        if resource["Type"] != "AWS::CDK::Metadata":
            assert resource["Condition"] == "HasModel"


def test_instances(synthesised: dict[str, Path]) -> None:
    (config,) = _of_type(
        _resources(synthesised["instances"], "serving"), "AWS::SageMaker::EndpointConfig"
    )
    (variant,) = config["Properties"]["ProductionVariants"]
    assert (variant["InstanceType"], variant["InitialInstanceCount"]) == ("ml.m5.large", 3)


def test_serverless_has_no_instances(synthesised: dict[str, Path]) -> None:
    (config,) = _of_type(
        _resources(synthesised["serverless"], "serving"), "AWS::SageMaker::EndpointConfig"
    )
    (variant,) = config["Properties"]["ProductionVariants"]
    assert variant["ServerlessConfig"] == {"MemorySizeInMB": 4096, "MaxConcurrency": 7}
    assert not {"InstanceType", "InitialInstanceCount"} & set(variant)


def test_scaling_comes_after_the_endpoint_and_goes_before_it(synthesised: dict[str, Path]) -> None:
    resources = _resources(synthesised["autoscaling"], "serving")
    (target,) = _of_type(resources, "AWS::ApplicationAutoScaling::ScalableTarget")
    assert target["DependsOn"] == ["Endpoint"]
    assert target["Properties"]["ResourceId"] == "endpoint/mine/variant/AllTraffic"
    assert (target["Properties"]["MinCapacity"], target["Properties"]["MaxCapacity"]) == (1, 6)


def test_a_new_model_keeps_the_scaled_number_of_instances(synthesised: dict[str, Path]) -> None:
    (endpoint,) = _of_type(
        _resources(synthesised["autoscaling"], "serving"), "AWS::SageMaker::Endpoint"
    )
    assert endpoint["Properties"]["RetainAllVariantProperties"] is True


@pytest.mark.parametrize(
    ("name", "kind", "size"),
    [
        ("canary", "CANARY", {"CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 50}}),
        ("linear", "LINEAR", {"LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": 25}}),
        ("all_at_once", "ALL_AT_ONCE", {}),
    ],
)
def test_traffic_moves_while_alarms_watch(
    synthesised: dict[str, Path], name: str, kind: str, size: dict[str, Any]
) -> None:
    resources = _resources(synthesised[name], "serving")
    (endpoint,) = _of_type(resources, "AWS::SageMaker::Endpoint")
    config = endpoint["Properties"]["DeploymentConfig"]
    routing = config["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    assert routing["Type"] == kind
    assert {key: routing[key] for key in routing if key.endswith("Size")} == size
    alarms = {alarm["AlarmName"]["Ref"] for alarm in config["AutoRollbackConfiguration"]["Alarms"]}
    metrics = {resources[alarm]["Properties"]["MetricName"] for alarm in alarms}
    assert metrics == {"Invocation5XXErrors", "ModelLatency"}


@pytest.mark.parametrize("name", OPTIONS)
def test_the_role_may_do_what_the_option_needs_and_no_more(
    synthesised: dict[str, Path], name: str
) -> None:
    allowed = _actions(synthesised[name])
    scales, rolls = name == "autoscaling", name in ("canary", "linear", "all_at_once")
    assert ("application-autoscaling:RegisterScalableTarget" in allowed) == scales
    assert ("iam:CreateServiceLinkedRole" in allowed) == scales
    assert ("sagemaker:UpdateEndpointWeightsAndCapacities" in allowed) == scales
    assert ("alarm:TargetTracking-endpoint/mine/variant/AllTraffic-*" in allowed) == scales
    assert ("alarm:mine-serving-*" in allowed) == rolls


def test_every_action_of_the_scaling_role_has_a_resource_of_its_kind(
    synthesised: dict[str, Path],
) -> None:
    known = _known_actions("application-autoscaling")
    statements = [
        statement
        for policy in _of_type(_resources(synthesised["autoscaling"], "studio"), "AWS::IAM::Policy")
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
    ]
    checked = 0
    for statement in statements:
        for action in statement["Action"]:
            service, _, name = action.partition(":")
            if service == "application-autoscaling":
                needs_all = not known[name.lower()].get("Resources")
                assert (statement["Resource"] == "*") == needs_all, action
                checked += 1
    assert checked == 10


def _known_actions(service: str) -> dict[str, Any]:
    """The service's actions with the resources of each, from cfn-lint's copy of AWS's list."""
    table = files("cfnlint") / "data" / "AdditionalSpecs" / "Policies.json"
    actions: dict[str, Any] = json.loads(table.read_text())[service]["Actions"]
    return actions


@pytest.mark.parametrize("name", OPTIONS)
def test_the_role_may_do_what_the_handlers_of_its_types_call(
    synthesised: dict[str, Path], name: str
) -> None:
    allowed = _allowed_actions(synthesised[name])
    assert _handlers_call(synthesised[name]) - allowed - set(OF_OTHER_PROPERTIES) == set()


def test_a_missing_permission_of_a_handler_is_found(synthesised: dict[str, Path]) -> None:
    planted = {"application-autoscaling:DescribeScheduledActions", "cloudwatch:GetMetricData"}
    allowed = _allowed_actions(synthesised["autoscaling"]) - planted
    missing = _handlers_call(synthesised["autoscaling"]) - allowed - set(OF_OTHER_PROPERTIES)
    assert missing == planted


def test_every_exception_is_still_called_and_not_allowed(synthesised: dict[str, Path]) -> None:
    called = {action for folder in synthesised.values() for action in _handlers_call(folder)}
    allowed = {action for folder in synthesised.values() for action in _allowed_actions(folder)}
    assert set(OF_OTHER_PROPERTIES) <= called - allowed


def _handlers_call(folder: Path) -> set[str]:
    """The actions that CloudFormation's handlers of the Serving stack's types list."""
    kinds = {resource["Type"] for resource in _resources(folder, "serving").values()}
    schemas = [
        PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
        for kind in kinds - {"AWS::CDK::Metadata"}
    ]
    return {
        action
        for schema in schemas
        for operation in ("create", "read", "update", "delete")
        for action in schema["handlers"][operation]["permissions"]
    }


def _allowed_actions(folder: Path) -> set[str]:
    policies = _of_type(_resources(folder, "studio"), "AWS::IAM::Policy")
    statements = [s for p in policies for s in p["Properties"]["PolicyDocument"]["Statement"]]
    actions = [s["Action"] for s in statements]
    return {a for action in actions for a in ([action] if isinstance(action, str) else action)}
