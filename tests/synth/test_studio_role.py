"""What the person in Studio may do: both notebooks and Studio itself, and nothing else."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from ministack.core import iam_evaluator

Allowed = Callable[..., bool]
ROLE = "arn:aws:iam::111122223333:role/mine-studio-UserRole"
OTHER_ROLE = "arn:aws:iam::111122223333:role/mine-studio-ExecutionRole"
BUCKET = "arn:aws:s3:::mine-data"
DOMAIN = "d-abcdefghijkl"
INSTANCES = "sagemaker:InstanceTypes"
LOGS = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/sagemaker/"
PSEUDO_PARAMETERS = {
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-1",
    "AWS::AccountId": "111122223333",
}
MOST_CHARACTERS = 6144  # of a managed policy, without white space


def sagemaker(kind: str, name: str) -> str:
    return f"arn:aws:sagemaker:eu-west-1:111122223333:{kind}/{name}"


def _resolved(value: Any, role: str) -> Any:
    """Return `value` as CloudFormation would deploy it; what is not looked at keeps its name."""
    match value:
        case {"Ref": str(name)} if name in PSEUDO_PARAMETERS:
            return PSEUDO_PARAMETERS[name]
        case {"Fn::Join": [delimiter, parts]}:
            return delimiter.join(_resolved(part, role) for part in parts)
        case {"Fn::ImportValue": name}:
            return BUCKET if "Arn" in name else "mine-data"
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            known = {role: ROLE, "StudioDomain": DOMAIN}
            found = [arn for prefix, arn in known.items() if name.startswith(prefix)]
            return found[0] if found else f"{name}.{attribute}"
        case {"Fn::Sub": str(text)}:
            return text
        case {"Fn::FindInMap": _}:
            return "999988887777"
        case dict():
            return {key: _resolved(inner, role) for key, inner in value.items()}
        case list():
            return [_resolved(inner, role) for inner in value]
    return value


@pytest.fixture(scope="module")
def documents(templates: dict[str, Any]) -> list[dict[str, Any]]:
    """The policies of the role, as they are deployed."""
    resources = templates["studio"]["Resources"]
    (role,) = (
        name
        for name, item in resources.items()
        if item["Type"] == "AWS::IAM::Role" and name.startswith("UserRole")
    )
    own = json.dumps(resources[role]["Properties"].get("ManagedPolicyArns", []))
    policies = [
        item["Properties"]["PolicyDocument"]
        for name, item in resources.items()
        if item["Type"].startswith("AWS::IAM::") and "PolicyDocument" in item["Properties"]
        if f'"{name}"' in own or {"Ref": role} in item["Properties"].get("Roles", [])
    ]
    return [_resolved(policy, role) for policy in policies]


@pytest.fixture(scope="module")
def allowed(documents: list[dict[str, Any]]) -> Allowed:
    """Return a function that tells whether the role may do an action on a resource."""
    statements = [iam_evaluator.parse_policy_document(document) for document in documents]

    def ask(action: str, resource: str, **context: Any) -> bool:
        keys = {key.lower(): value for key, value in context.items()}
        request = iam_evaluator.EvalContext(
            ROLE, "AssumedRole", "111122223333", action, resource, "eu-west-1",
            source_ip="192.0.2.1", secure_transport=True, service_context=keys,
        )  # fmt: skip
        return bool(iam_evaluator.evaluate(request, statements).decision == "Allow")

    return ask


@pytest.mark.parametrize(
    ("kind", "actions"),
    [
        ("training-job", ["Describe", "Stop", "Delete"]),
        ("model", ["Create", "Describe", "Delete"]),
        ("endpoint-config", ["Describe", "Delete"]),
        ("endpoint", ["Create", "Describe", "Delete", "Invoke"]),
    ],
)
def test_the_labs_things_are_made_and_deleted_and_no_others(
    allowed: Allowed, kind: str, actions: list[str]
) -> None:
    operation = "".join(word.title() for word in kind.split("-"))
    for action in (f"sagemaker:{action}{operation}" for action in actions):
        assert allowed(action, sagemaker(kind, "mine-lab-noise")), action
        assert not allowed(action, sagemaker(kind, "minelab")), action
        assert not allowed(action, sagemaker(kind, "mine-too-lab-noise")), action
    assert allowed("sagemaker:AddTags", sagemaker(kind, "mine-lab-noise"))


def test_the_deployments_own_jobs_and_endpoint_are_safe(allowed: Allowed) -> None:
    job, live = sagemaker("training-job", "mine-train-0-0"), sagemaker("endpoint", "mine")
    assert allowed("sagemaker:InvokeEndpoint", live)
    for action, resource in (
        ("sagemaker:StopTrainingJob", job),
        ("sagemaker:DeleteTrainingJob", job),
        ("sagemaker:DeleteEndpoint", live),
        ("sagemaker:UpdateEndpoint", live),
        ("sagemaker:AddTags", live),
    ):
        assert not allowed(action, resource), action


@pytest.mark.parametrize(
    ("action", "kind", "instance_type"),
    [
        ("sagemaker:CreateTrainingJob", "training-job", "ml.m5.large"),
        ("sagemaker:CreateEndpointConfig", "endpoint-config", "ml.t2.medium"),
    ],
)
def test_only_the_settings_instance_type_can_be_paid_for(
    allowed: Allowed, action: str, kind: str, instance_type: str
) -> None:
    ours = sagemaker(kind, "mine-lab-noise")
    assert allowed(action, ours, **{INSTANCES: [instance_type]})
    assert not allowed(action, ours, **{INSTANCES: ["ml.p4d.24xlarge"]})
    assert not allowed(action, ours, **{INSTANCES: [instance_type, "ml.p4d.24xlarge"]})
    assert not allowed(action, ours)
    assert not allowed(action, sagemaker(kind, "others"), **{INSTANCES: [instance_type]})


def test_an_endpoint_is_made_of_the_labs_configs_only(allowed: Allowed) -> None:
    create = "sagemaker:CreateEndpoint"
    assert allowed(create, sagemaker("endpoint-config", "mine-lab-noise"))
    assert not allowed(create, sagemaker("endpoint-config", "EndpointConfig-0123"))


def test_the_role_passes_itself_to_sagemaker_and_nothing_else(allowed: Allowed) -> None:
    to_sagemaker = {"iam:PassedToService": "sagemaker.amazonaws.com"}
    assert allowed("iam:PassRole", ROLE, **to_sagemaker)
    assert not allowed("iam:PassRole", OTHER_ROLE, **to_sagemaker)
    assert not allowed("iam:PassRole", ROLE, **{"iam:PassedToService": "lambda.amazonaws.com"})
    assert allowed("iam:GetRole", ROLE)
    assert not allowed("iam:GetRole", OTHER_ROLE)


def test_each_folder_of_the_bucket_has_its_own_rights(allowed: Allowed) -> None:
    rights = {
        "lab/x": {"GetObject", "PutObject", "DeleteObject"},
        "raw/x": {"GetObject", "PutObject"},
        "runs/x": {"GetObject"},
        "deployment/lock.json": set(),
        "deployment/live.json": set(),
    }
    for key, expected in rights.items():
        for action in ("GetObject", "PutObject", "DeleteObject"):
            assert allowed(f"s3:{action}", f"{BUCKET}/{key}") is (action in expected), (key, action)
    # What the SDK asks of a bucket that is given to it as its default.
    assert allowed("s3:ListBucket", BUCKET)
    assert allowed("s3:GetBucketLocation", BUCKET)
    assert not allowed("s3:CreateBucket", BUCKET)
    assert not allowed("s3:ListBucket", "arn:aws:s3:::others")


def test_a_job_and_an_endpoint_can_run_with_the_role(allowed: Allowed) -> None:
    streams = (
        f"{LOGS}TrainingJobs:log-stream:mine-lab-noise/algo-1-1",
        f"{LOGS}Endpoints/mine-lab-noise:log-stream:AllTraffic/i-0",
    )
    for stream in streams:
        assert allowed("logs:PutLogEvents", stream)
    assert not allowed("logs:PutLogEvents", f"{LOGS}Endpoints/mine:log-stream:AllTraffic/i-0")
    image = "arn:aws:ecr:eu-west-1:999988887777:repository/factorization-machines"
    assert allowed("ecr:BatchGetImage", image)
    assert not allowed("ecr:BatchGetImage", image.replace("999988887777", "111122223333"))
    metrics = "cloudwatch:namespace"
    assert allowed("cloudwatch:PutMetricData", "*", **{metrics: "/aws/sagemaker/TrainingJobs"})
    assert not allowed("cloudwatch:PutMetricData", "*", **{metrics: "AWS/Billing"})


def test_only_the_labs_jobs_have_readable_logs(allowed: Allowed) -> None:
    assert allowed("logs:GetLogEvents", f"{LOGS}TrainingJobs:log-stream:mine-lab-noise/algo-1-1")
    assert not allowed(
        "logs:GetLogEvents", f"{LOGS}TrainingJobs:log-stream:others-train-0-0/algo-1-1"
    )


def test_a_space_of_this_domain_can_be_opened(allowed: Allowed) -> None:
    opened = "sagemaker:CreatePresignedDomainUrl"
    assert allowed(opened, sagemaker("user-profile", f"{DOMAIN}/mine-user"))
    assert not allowed(opened, sagemaker("user-profile", "d-zzzzzzzzzzzz/mine-user"))
    for action in ("CreateApp", "DeleteApp", "DescribeApp"):
        assert allowed(f"sagemaker:{action}", sagemaker("app", f"{DOMAIN}/mine-lab/JupyterLab/x"))


def test_each_policy_is_short_enough_for_a_long_name(documents: list[dict[str, Any]]) -> None:
    for document in documents:
        text = json.dumps(document, separators=(",", ":"))
        longer = 32 - len("mine")  # for each time that the deployment's name is in it
        assert len(text) + text.count("mine") * longer < MOST_CHARACTERS
