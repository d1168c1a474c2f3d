"""Who may do what in the Data, Serving and Pipeline stacks, and what outlives whom."""

import json
from collections.abc import Iterator
from typing import Any

Resources = dict[str, dict[str, Any]]


def _statements(resources: Resources, prefix: str) -> Iterator[dict[str, Any]]:
    for name, resource in resources.items():
        if resource["Type"] == "AWS::IAM::Policy" and name.startswith(prefix):
            yield from resource["Properties"]["PolicyDocument"]["Statement"]


def _allowed(resources: Resources, prefix: str) -> dict[str, dict[str, Any]]:
    """The statement of each action."""
    by_action: dict[str, dict[str, Any]] = {}
    for statement in _statements(resources, prefix):
        actions = statement["Action"]
        for action in [actions] if isinstance(actions, str) else actions:
            by_action[action] = statement
    return by_action


def test_no_policy_allows_every_action(templates: dict[str, Any]) -> None:
    for template in templates.values():
        for statement in _statements(template["Resources"], ""):
            actions = json.dumps(statement["Action"])
            assert "*" not in actions, statement


def test_the_state_machine_may_do_what_sync_needs(templates: dict[str, Any]) -> None:
    allowed = _allowed(templates["pipeline"]["Resources"], "StateMachine")
    for action in ("CreateTrainingJob", "DescribeTrainingJob", "StopTrainingJob", "AddTags"):
        resource = json.dumps(allowed[f"sagemaker:{action}"]["Resource"])
        assert "training-job/mine-train-*" in resource
    for action in ("PutTargets", "PutRule", "DescribeRule"):
        resource = json.dumps(allowed[f"events:{action}"]["Resource"])
        assert "rule/StepFunctionsGetEventsForSageMakerTrainingJobsRule" in resource


def test_roles_are_passed_to_one_service_each(templates: dict[str, Any]) -> None:
    services = []
    for template in templates.values():
        for statement in _statements(template["Resources"], ""):
            if "iam:PassRole" in json.dumps(statement["Action"]):
                assert "*" not in json.dumps(statement["Resource"])
                services.append(statement["Condition"]["StringEquals"]["iam:PassedToService"])
    assert {"sagemaker.amazonaws.com", "cloudformation.amazonaws.com"} <= set(services)


def test_deploying_needs_the_one_role_and_the_one_stack(templates: dict[str, Any]) -> None:
    update = _allowed(templates["pipeline"]["Resources"], "TasksDeployModel")[
        "cloudformation:UpdateStack"
    ]
    assert "stack/mine-serving/*" in json.dumps(update["Resource"])
    assert "cloudformation:RoleArn" in update["Condition"]["StringEquals"]


def test_only_what_carries_the_deployments_tag_can_be_deployed(templates: dict[str, Any]) -> None:
    tag = {"factorstack:deployment": "mine"}
    for statement in _statements(templates["studio"]["Resources"], "ServingRole"):
        if "*" in json.dumps(statement["Resource"]):
            conditions = statement["Condition"]["StringEquals"]
            assert {key.rpartition("/")[2]: value for key, value in conditions.items()} == tag


def test_evaluation_writes_nothing_but_its_report(templates: dict[str, Any]) -> None:
    allowed = _allowed(templates["pipeline"]["Resources"], "TasksEvaluateModel")
    assert "/runs/*/report/*" in json.dumps(allowed["s3:PutObject"]["Resource"])


def test_no_function_may_create_a_log_group(templates: dict[str, Any]) -> None:
    for template in templates.values():
        text = json.dumps(template["Resources"])
        assert "AWSLambdaBasicExecutionRole" not in text
        for name, resource in template["Resources"].items():
            if resource["Type"] == "AWS::Lambda::Function":
                assert "LogGroup" in resource["Properties"].get("LoggingConfig", {}), name


def test_every_log_group_goes_with_its_stack(templates: dict[str, Any]) -> None:
    for template in templates.values():
        for name, resource in template["Resources"].items():
            if resource["Type"] == "AWS::Logs::LogGroup":
                assert resource["DeletionPolicy"] == "Delete", name


def test_the_bucket_is_private_versioned_and_takes_tls_only(templates: dict[str, Any]) -> None:
    resources = templates["data"]["Resources"].values()
    (bucket,) = [r["Properties"] for r in resources if r["Type"] == "AWS::S3::Bucket"]
    (policy,) = [r["Properties"] for r in resources if r["Type"] == "AWS::S3::BucketPolicy"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["BucketEncryption"]
    denied = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
    assert denied[0]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_no_current_version_of_an_artifact_ever_expires(templates: dict[str, Any]) -> None:
    resources = templates["data"]["Resources"].values()
    (bucket,) = [r["Properties"] for r in resources if r["Type"] == "AWS::S3::Bucket"]
    for rule in bucket["LifecycleConfiguration"]["Rules"]:
        assert "ExpirationInDays" not in rule
        assert "ExpirationDate" not in rule


def test_serving_holds_nothing_until_there_is_a_model(templates: dict[str, Any]) -> None:
    serving = templates["serving"]
    assert serving["Parameters"]["ModelDataUrl"]["Default"] == ""
    for kind in ("Model", "EndpointConfig", "Endpoint"):
        assert serving["Resources"][kind]["Condition"] == "HasModel"


def test_models_and_configs_have_no_fixed_names(templates: dict[str, Any]) -> None:
    resources = templates["serving"]["Resources"]
    assert "ModelName" not in resources["Model"]["Properties"]
    assert "EndpointConfigName" not in resources["EndpointConfig"]["Properties"]
    assert resources["Endpoint"]["Properties"]["EndpointName"] == "mine"


def test_whoever_updates_serving_needs_no_parameter_store(templates: dict[str, Any]) -> None:
    assert set(templates["serving"]["Parameters"]) == {"ModelDataUrl"}
