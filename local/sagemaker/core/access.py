"""Who may do what: IAM's answer for each call, for each role that a call passes, and for trust."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from local.ministack import adapter
from local.ministack.adapter import Caller, Credentials
from local.sagemaker.core.errors import denied, invalid

PRINCIPAL = "sagemaker.amazonaws.com"


def authorise(caller: Caller, action: str, resource: str, context: Mapping[str, Any]) -> None:
    """Raise AccessDeniedException, worded as AWS words it, unless policies allow the action."""
    message = adapter.denial(caller, action, resource, context)
    if message is not None:
        raise denied(message)


def authorise_passing(caller: Caller, roles: Iterable[str], service: str = PRINCIPAL) -> None:
    """Raise AccessDeniedException unless the caller may pass each role to the service."""
    for role in roles:
        authorise(caller, "iam:PassRole", role, {"iam:PassedToService": service})


def assume(role_arn: str, session: str, source_arn: str) -> Credentials:
    """The role's credentials, as the service gets them.

    Raises:
        ServiceError: ValidationException if the role does not exist or does not trust SageMaker.
    """
    record = adapter.role(role_arn)
    account = source_arn.split(":")[4]
    if record is None or not adapter.trusts(_document(record), PRINCIPAL, account, source_arn):
        raise invalid(
            f"Could not assume role {role_arn}. Please ensure that the role exists and allows "
            f"principal '{PRINCIPAL}' to assume the role."
        )
    return adapter.role_session(role_arn, session)


def request_tags(tags: Iterable[Mapping[str, str]]) -> dict[str, Any]:
    """The condition keys of the tags that a request carries."""
    pairs = {tag["Key"]: tag["Value"] for tag in tags}
    context: dict[str, Any] = {f"aws:RequestTag/{key}": value for key, value in pairs.items()}
    return context | ({"aws:TagKeys": list(pairs)} if pairs else {})


def resource_tags(tags: Mapping[str, str]) -> dict[str, Any]:
    """The condition keys of the tags that a resource carries."""
    prefixes = ("aws", "sagemaker")
    return {f"{prefix}:ResourceTag/{key}": tags[key] for key in tags for prefix in prefixes}


def instance_types(request: Any) -> dict[str, Any]:
    """The condition key of the instance types that a request names, wherever it does."""
    found = sorted(set(_instance_types(request)))
    return {"sagemaker:InstanceTypes": found} if found else {}


def _instance_types(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name == "InstanceType":
                yield inner
            else:
                yield from _instance_types(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _instance_types(inner)


def _document(role: Mapping[str, Any]) -> dict[str, Any]:
    document = role.get("AssumeRolePolicyDocument", {})
    parsed: dict[str, Any] = json.loads(document) if isinstance(document, str) else document
    return parsed
