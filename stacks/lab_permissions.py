"""What the lab's notebook does by hand, and what deletes it, by the prefix of the names."""

from aws_cdk import aws_iam as iam
from constructs import Construct

from contract import log_groups, names, s3_layout
from stacks import arns
from stacks.container_permissions import container_statements
from stacks.settings import Settings
from stacks.statements import allow, pass_role

_INSTANCE_TYPES = "sagemaker:InstanceTypes"


def lab_statements(
    scope: Construct, *, settings: Settings, bucket_arn: str, role_arn: str
) -> list[iam.PolicyStatement]:
    """Return what trains, deploys, asks and deletes in the lab, with `role_arn` in every part."""
    jobs, models, configs, endpoints = (
        arns.of_lab(scope, kind, settings.name)
        for kind in ("training-job", "model", "endpoint-config", "endpoint")
    )
    job_logs, _ = arns.log_group(scope, log_groups.TRAINING_JOBS)
    every_name = f"{names.lab_prefix(settings.name)}*"
    return [
        allow(
            "sagemaker:CreateTrainingJob",
            on=[jobs],
            **_only_on(settings.training.instance_type),
        ),
        allow(
            "sagemaker:CreateEndpointConfig",
            on=[configs],
            **_only_on(settings.endpoint.instance_type),
        ),
        allow("sagemaker:CreateModel", on=[models]),
        allow("sagemaker:CreateEndpoint", on=[endpoints, configs]),
        allow("sagemaker:AddTags", on=[jobs, models, configs, endpoints]),
        allow(
            "sagemaker:DescribeTrainingJob",
            "sagemaker:StopTrainingJob",
            "sagemaker:DeleteTrainingJob",
            on=[jobs],
        ),
        allow("sagemaker:DescribeModel", "sagemaker:DeleteModel", on=[models]),
        allow("sagemaker:DescribeEndpointConfig", "sagemaker:DeleteEndpointConfig", on=[configs]),
        allow(
            "sagemaker:DescribeEndpoint",
            "sagemaker:DeleteEndpoint",
            "sagemaker:InvokeEndpoint",
            on=[endpoints],
        ),
        allow(
            "sagemaker:ListTrainingJobs",
            "sagemaker:ListModels",
            "sagemaker:ListEndpointConfigs",
            "sagemaker:ListEndpoints",
            on=["*"],
        ),
        allow("s3:DeleteObject", on=[f"{bucket_arn}/{s3_layout.LAB}*"]),
        allow("logs:GetLogEvents", on=[f"{job_logs}:log-stream:{every_name}"]),
        # The SageMaker SDK asks for its role by name; jobs and endpoints run with the same role,
        # so that nobody gains rights by starting one.
        allow("iam:GetRole", on=[role_arn]),
        pass_role(role_arn, to="sagemaker.amazonaws.com"),
        *container_statements(
            scope, bucket_arn=bucket_arn, folders=[s3_layout.LAB], endpoints=every_name
        ),
    ]


def lab_deletion_statements(scope: Construct, deployment: str) -> list[iam.PolicyStatement]:
    """Return what a clean-up needs to delete the lab's endpoints, configs and models."""
    models, configs, endpoints = (
        arns.of_lab(scope, kind, deployment) for kind in ("model", "endpoint-config", "endpoint")
    )
    return [
        allow(
            "sagemaker:ListModels",
            "sagemaker:ListEndpointConfigs",
            "sagemaker:ListEndpoints",
            on=["*"],
        ),
        allow("sagemaker:DeleteEndpoint", on=[endpoints]),
        allow("sagemaker:DeleteEndpointConfig", on=[configs]),
        allow("sagemaker:DeleteModel", on=[models]),
    ]


def _only_on(instance_type: str) -> dict[str, dict[str, str]]:
    """Return conditions under which every instance type of a request is the given one.

    A request that names no instance type would fulfil the first alone.
    """
    return {
        "ForAllValues:StringEquals": {_INSTANCE_TYPES: instance_type},
        "Null": {_INSTANCE_TYPES: "false"},
    }
