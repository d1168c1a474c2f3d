"""Builds IAM policy statements."""

from collections.abc import Iterable, Mapping, Sequence

from aws_cdk import aws_iam as iam

Condition = Mapping[str, str]  # a key of the request, and the value that it must have


def allow(*actions: str, on: Sequence[str], **conditions: Condition) -> iam.PolicyStatement:
    """Return a statement that allows `actions`.

    Args:
        actions: Such as `"s3:GetObject"`.
        on: ARNs, or `["*"]` for actions that have no resources.
        conditions: By IAM's operator, as in `StringEquals={"iam:PassedToService": ...}`.
    """
    return iam.PolicyStatement(
        actions=list(actions),
        resources=list(on),
        conditions={operator: dict(condition) for operator, condition in conditions.items()},
    )


def pass_role(role_arn: str, *, to: str) -> iam.PolicyStatement:
    """Return a statement that allows handing a role to the service `to`, and to no other."""
    return allow("iam:PassRole", on=[role_arn], StringEquals={"iam:PassedToService": to})


def write_logs(log_group_arn: str) -> iam.PolicyStatement:
    """Return what a function needs to log to a group that exists; it may not create one."""
    return allow("logs:CreateLogStream", "logs:PutLogEvents", on=[log_group_arn])


def wildcards(statements: Iterable[iam.PolicyStatement]) -> list[str]:
    """Return the resources that are patterns, each once, in the order of the statements."""
    resources = (resource for statement in statements for resource in statement.resources)
    return list(dict.fromkeys(resource for resource in resources if "*" in resource))
