"""SageMaker's CloudFormation types in the local account: replacement, roll-back, rights."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

IMAGE = "382416733822.dkr.ecr.us-east-1.amazonaws.com/factorization-machines:1"


def serving_template(role: str) -> str:
    """Return a template whose model and endpoint exist once `ModelDataUrl` names an artifact."""

    def resource(kind: str, **properties: Any) -> dict[str, Any]:
        return {"Type": f"AWS::SageMaker::{kind}", "Condition": "Live", "Properties": properties}

    variant = {
        "VariantName": "AllTraffic",
        "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]},
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
        "InitialVariantWeight": 1,
    }
    container = {"Image": IMAGE, "ModelDataUrl": {"Ref": "ModelDataUrl"}}
    template = {
        "Parameters": {"ModelDataUrl": {"Type": "String", "Default": ""}},
        "Conditions": {"Live": {"Fn::Not": [{"Fn::Equals": [{"Ref": "ModelDataUrl"}, ""]}]}},
        "Resources": {
            "Always": {
                "Type": "AWS::SSM::Parameter",
                "Properties": {"Type": "String", "Value": "x"},
            },
            "Model": resource("Model", ExecutionRoleArn=role, PrimaryContainer=container),
            "Config": resource("EndpointConfig", ProductionVariants=[variant]),
            "Endpoint": resource(
                "Endpoint",
                EndpointName="stacked",
                EndpointConfigName={"Fn::GetAtt": ["Config", "EndpointConfigName"]},
            ),
        },
        "Outputs": {"Endpoint": {"Condition": "Live", "Value": {"Ref": "Endpoint"}}},
    }
    return json.dumps(template)


class Stack:
    """The stack `serving`, and what SageMaker has of it."""

    def __init__(self, client: Callable[..., Any]) -> None:
        self.cloudformation = client("cloudformation")
        self.sagemaker = client("sagemaker")

    def settled(self) -> str:
        """Return its status once no operation runs."""
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            (stack,) = self.cloudformation.describe_stacks(StackName="serving")["Stacks"]
            if "PROGRESS" not in stack["StackStatus"]:
                return str(stack["StackStatus"])
            time.sleep(0.1)
        raise TimeoutError

    def update(self, artifact: str, **options: Any) -> str:
        """Deploy an artifact as the state machine does, and return the status of the stack then."""
        parameter = {"ParameterKey": "ModelDataUrl", "ParameterValue": artifact}
        self.cloudformation.update_stack(
            StackName="serving", UsePreviousTemplate=True, Parameters=[parameter], **options
        )
        return self.settled()

    def failures(self) -> list[str]:
        """Return why resources failed, newest first."""
        events = self.cloudformation.describe_stack_events(StackName="serving")["StackEvents"]
        return [
            event["ResourceStatusReason"] for event in events if "FAILED" in event["ResourceStatus"]
        ]

    def names(self) -> tuple[list[str], list[str]]:
        """Return the names of its models, and those of its configurations."""
        models = self.sagemaker.list_models(NameContains="serving-")["Models"]
        configs = self.sagemaker.list_endpoint_configs(NameContains="serving-")["EndpointConfigs"]
        return [model["ModelName"] for model in models], [
            config["EndpointConfigName"] for config in configs
        ]


@pytest.fixture(scope="module")
def stack(client: Callable[..., Any], execution_role: str) -> Stack:
    """Create the serving stack without an artifact."""
    created = Stack(client)
    created.cloudformation.create_stack(
        StackName="serving", TemplateBody=serving_template(execution_role)
    )
    assert created.settled() == "CREATE_COMPLETE"
    return created


def test_endpoint_lives_and_changes_by_its_stack(
    client: Callable[..., Any], stack: Stack, trained: str
) -> None:
    assert stack.update(trained) == "UPDATE_COMPLETE"
    before = stack.names()
    assert [len(names) for names in before] == [1, 1]
    s3 = client("s3")
    s3.copy_object(Bucket="lab", Key="next/model.tar.gz", CopySource=trained.removeprefix("s3://"))
    assert stack.update("s3://lab/next/model.tar.gz") == "UPDATE_COMPLETE"
    after = stack.names()
    assert [len(names) for names in after] == [1, 1]
    assert before != after
    live = stack.sagemaker.describe_endpoint(EndpointName="stacked")
    assert [live["EndpointConfigName"]] == after[1]

    s3.put_object(Bucket="lab", Key="bad/model.tar.gz", Body=b"no archive")
    assert stack.update("s3://lab/bad/model.tar.gz") == "UPDATE_ROLLBACK_COMPLETE"
    assert "Failed to download model data" in stack.failures()[0]
    assert stack.names() == after
    assert (
        stack.sagemaker.describe_endpoint(EndpointName="stacked")["EndpointStatus"] == "InService"
    )

    assert stack.update("") == "UPDATE_COMPLETE"
    assert stack.names() == ([], [])


def test_stack_acts_as_its_role(
    stack: Stack, make_role: Callable[..., str], client: Callable[..., Any], trained: str
) -> None:
    statements = [
        {"Effect": "Allow", "Action": ["sagemaker:*", "iam:PassRole"], "Resource": "*"},
        {"Effect": "Deny", "Action": "sagemaker:CreateEndpointConfig", "Resource": "*"},
    ]
    role = make_role("deployer", "cloudformation.amazonaws.com", *statements)
    assert stack.update(trained, RoleARN=role) == "UPDATE_ROLLBACK_COMPLETE"
    expected = "assumed-role/deployer/AWSCloudFormation is not authorized to perform: "
    assert expected + "sagemaker:CreateEndpointConfig" in stack.failures()[0]
    assert stack.names() == ([], [])
    client("iam").put_role_policy(
        RoleName="deployer",
        PolicyName="policy",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements[:1]}),
    )
    assert stack.update(trained) == "UPDATE_COMPLETE"
    assert stack.update("") == "UPDATE_COMPLETE"


def test_passing_a_role_to_cloudformation_is_a_permission(
    act_as: Callable[..., Any], make_role: Callable[..., str]
) -> None:
    role = make_role("unpassed", "cloudformation.amazonaws.com")
    updating = {"Effect": "Allow", "Action": "cloudformation:*", "Resource": "*"}
    caller = act_as("updater", "cloudformation", updating)
    with pytest.raises(caller.exceptions.ClientError, match="iam:PassRole"):
        caller.create_stack(StackName="no", TemplateBody='{"Resources": {}}', RoleARN=role)


def test_resource_that_keeps_its_name_is_not_replaced(client: Callable[..., Any]) -> None:
    cloudformation = client("cloudformation")

    def template(content: str) -> str:
        properties = {
            "StudioLifecycleConfigName": "named",
            "StudioLifecycleConfigAppType": "JupyterLab",
            "StudioLifecycleConfigContent": content,
        }
        script = {"Type": "AWS::SageMaker::StudioLifecycleConfig", "Properties": properties}
        return json.dumps({"Resources": {"Script": script}})

    wait = {"StackName": "named", "WaiterConfig": {"Delay": 1}}
    cloudformation.create_stack(StackName="named", TemplateBody=template("b25l"))
    cloudformation.get_waiter("stack_create_complete").wait(**wait)
    cloudformation.update_stack(StackName="named", TemplateBody=template("dHdv"))
    cloudformation.get_waiter("stack_rollback_complete").wait(**wait)
    events = cloudformation.describe_stack_events(StackName="named")["StackEvents"]
    reasons = [event.get("ResourceStatusReason", "") for event in events]
    assert any("custom-named resource requires replacing" in reason for reason in reasons)
    cloudformation.delete_stack(StackName="named")
