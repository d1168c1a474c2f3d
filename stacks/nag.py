"""Acknowledges cdk-nag's findings, each on its one resource and with its reason."""

from collections.abc import Iterable
from typing import Any

from aws_cdk import Acknowledgment, Stack, Validations
from constructs import IConstruct

_PACK = "AwsSolutions"


def acknowledge(construct: IConstruct, rule: str, reason: str) -> None:
    """Accept a finding of AwsSolutions on `construct`.

    Args:
        construct: The resource, or the construct whose only such resource it is.
        rule: The rule without its pack: `"L1"`, or `"IAM5[Resource::*]"` for one finding of many.
        reason: Why the finding is right to stay; the validation report shows it.
    """
    # Only an id with the plug-in's prefix reaches the report's list of suppressed violations.
    Validations.of(construct).acknowledge(
        Acknowledgment(id=f"{_PACK}::{_PACK}-{rule}", reason=reason)
    )


def acknowledge_wildcards(policy: IConstruct, reason: str, *, resources: Iterable[str]) -> None:
    """Accept these wildcard resources (ARNs, tokens allowed) in the statements of `policy`.

    An ARN of another stack must come from that stack's `export_value`, because CDK turns the
    reference into an import only after this has been called.
    """
    stack = Stack.of(policy)
    for resource in resources:
        acknowledge(policy, f"IAM5[Resource::{_flat(stack.resolve(resource))}]", reason)


def _flat(node: Any) -> str:
    """Return a CloudFormation value (JSON) as cdk-nag's `flattenCfnReference` writes it."""
    match node:
        case str():
            return node
        case {"Fn::Join": [delimiter, items]}:
            return str(delimiter).join(_flat(item) for item in items)
        case {"Fn::GetAtt": [resource, attribute]}:
            return f"<{resource}.{attribute}>"
        case {"Fn::ImportValue": value}:
            return _flat(value)
        case {"Ref": name}:
            return f"<{name}>"
    raise TypeError(f"cdk-nag's name for {node!r} is not known here")
