"""ARNs in the account and region of the deployment; no other module writes them.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/
"""

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_s3 as s3
from constructs import IConstruct

from contract import names

_BEFORE_A_COLON = {"alarm", "execution", "log-group", "stateMachine"}  # others: before a slash
_GLOBAL = {"iam"}  # services whose ARNs have no region


def arn(scope: IConstruct, service: str, kind: str, name: str) -> str:
    """Return the ARN of a resource, where `name` may be a pattern."""
    colon = kind in _BEFORE_A_COLON
    return Stack.of(scope).format_arn(
        service=service,
        region="" if service in _GLOBAL else None,
        resource=kind,
        resource_name=name,
        arn_format=ArnFormat.COLON_RESOURCE_NAME if colon else ArnFormat.SLASH_RESOURCE_NAME,
    )


def stack(scope: IConstruct, name: str) -> str:
    """Return the pattern of a stack, whose ARN ends in an id that its next creation changes."""
    return arn(scope, "cloudformation", "stack", f"{name}/*")


def executions(scope: IConstruct, deployment: str) -> str:
    """Return the pattern of all executions of the deployment's state machine."""
    return arn(scope, "states", "execution", f"{deployment}:*")


def training_jobs(scope: IConstruct, deployment: str) -> str:
    """Return the pattern of the executions' training jobs."""
    return arn(scope, "sagemaker", "training-job", names.training_job_pattern(deployment))


def all_training_jobs(scope: IConstruct, deployment: str) -> list[str]:
    """Return the patterns of the executions' training jobs, and of the lab's."""
    return [training_jobs(scope, deployment), of_lab(scope, "training-job", deployment)]


def of_lab(scope: IConstruct, kind: str, deployment: str) -> str:
    """Return the pattern of SageMaker's resources of a kind that the lab's notebook makes."""
    return arn(scope, "sagemaker", kind, f"{names.lab_prefix(deployment)}*")


def endpoint(scope: IConstruct, deployment: str) -> str:
    """Return the ARN of the deployment's endpoint."""
    return arn(scope, "sagemaker", "endpoint", deployment)


def log_group(scope: IConstruct, name: str) -> tuple[str, str]:
    """Return both ARNs of a log group, without and with `:*`; each action uses one of them."""
    group = arn(scope, "logs", "log-group", name)
    return group, f"{group}:*"


def bucket(of: s3.IBucket) -> str:
    """Return the ARN of another stack's bucket.

    It is exported at once: cdk-nag's names need the import that CDK would write only at synthesis.
    """
    return Stack.of(of).export_value(of.bucket_arn)
