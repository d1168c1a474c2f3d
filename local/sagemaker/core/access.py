"""Who may do what: IAM's answer for each call, for each role that a call passes, and for trust."""

from collections.abc import Iterable, Iterator, Mapping

from local.ministack import adapter
from local.ministack.adapter import Caller, ConditionKeys, Credentials
from local.sagemaker.core.api import Request, Value
from local.sagemaker.core.errors import denied, invalid

PRINCIPAL = "sagemaker.amazonaws.com"


def authorise(caller: Caller, action: str, resource: str, context: ConditionKeys) -> None:
    """Check that the caller's policies allow an action on a resource.

    Args:
        caller: who makes the call.
        action: as policies name it, `sagemaker:CreateModel`.
        resource: an ARN, or `*`.
        context: the condition keys of the call.

    Raises:
        ServiceError: AccessDeniedException, worded as AWS words it.
    """
    message = adapter.denial(caller, action, resource, context)
    if message is not None:
        raise denied(message)


def authorise_passing(caller: Caller, roles: Iterable[str], service: str = PRINCIPAL) -> None:
    """Check that the caller may pass each role to a service.

    Raises:
        ServiceError: AccessDeniedException.
    """
    for role in roles:
        authorise(caller, "iam:PassRole", role, {"iam:PassedToService": service})


def assume(role_arn: str, session: str, source_arn: str) -> Credentials:
    """Return the credentials of a role that SageMaker assumes for a resource.

    Raises:
        ServiceError: ValidationException if the role does not exist or does not trust SageMaker.
    """
    policy = adapter.trust_policy(role_arn)
    account = source_arn.split(":")[4]
    if policy is None or not adapter.trusts(policy, PRINCIPAL, account, source_arn):
        raise invalid(
            f"Could not assume role {role_arn}. Please ensure that the role exists and allows "
            f"principal '{PRINCIPAL}' to assume the role."
        )
    return adapter.role_session(role_arn, session)


def request_tags(tags: Iterable[Mapping[str, str]]) -> dict[str, str | list[str]]:
    """Return the condition keys of the tags in a request."""
    pairs = {tag["Key"]: tag["Value"] for tag in tags}
    context: dict[str, str | list[str]] = {
        f"aws:RequestTag/{key}": value for key, value in pairs.items()
    }
    return context | ({"aws:TagKeys": list(pairs)} if pairs else {})


def resource_tags(tags: Mapping[str, str]) -> dict[str, str | list[str]]:
    """Return the condition keys of the tags of a resource."""
    prefixes = ("aws", "sagemaker")
    return {f"{prefix}:ResourceTag/{key}": tags[key] for key in tags for prefix in prefixes}


def instance_types(request: Request) -> dict[str, str | list[str]]:
    """Return the condition key of the instance types that a request names, at any depth."""
    types = sorted(set(_instance_types(request)))
    return {"sagemaker:InstanceTypes": types} if types else {}


def _instance_types(value: Value) -> Iterator[str]:
    """Walk a request or any value in it."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name == "InstanceType":
                yield inner
            else:
                yield from _instance_types(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _instance_types(inner)
