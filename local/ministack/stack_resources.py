"""Adds resource types to the CloudFormation of ministack 1.5.33."""

from collections.abc import Callable, Mapping
from typing import Any, TypedDict

Structure = Mapping[str, Any]  # properties or attributes of a resource in a template


class TypeHandlers(TypedDict):
    """What CloudFormation calls for the resources of a type.

    A reference is what Ref returns, attributes are what Fn::GetAtt returns.

    Attributes:
        create: (logical id, properties, stack's name) -> (reference, attributes).
        update: (reference, old properties, new ones, stack's name) -> (reference, attributes).
        delete: (reference, properties).
    """

    create: Callable[[str, Structure, str], tuple[str, Structure]]
    update: Callable[[str, Structure, Structure, str], tuple[str, Structure]]
    delete: Callable[[str, Structure], None]


NEEDED = {
    "ministack.services.cloudformation": "_change_sets",
    "ministack.services.cloudformation.provisioners": (
        "_CUSTOM_NAME_REPLACEMENT _RESOURCE_HANDLERS _REPLACING_PROPERTIES _STACK_TAG_PROPERTY "
        "_physical_name"
    ),
    "ministack.services.cloudformation.stacks": "_runs_on_worker_thread",
}


def add_resource_types(
    handlers: Mapping[str, TypeHandlers],
    replacing: Mapping[str, tuple[str, ...]],
    naming: Mapping[str, tuple[str, ...]],
) -> None:
    """Add resource types to the account's CloudFormation.

    Args:
        handlers: by the name of the type, `AWS::SageMaker::Model`.
        replacing: the properties of a type whose change replaces a resource.
        naming: the properties of a type that name a resource in the template; a resource that
            keeps its name cannot be replaced.
    """
    from ministack.services.cloudformation import provisioners, stacks

    provisioners._RESOURCE_HANDLERS.update(handlers)
    provisioners._REPLACING_PROPERTIES.update(replacing)
    provisioners._CUSTOM_NAME_REPLACEMENT.update({kind: {"name": naming[kind]} for kind in naming})
    provisioners._STACK_TAG_PROPERTY.update(dict.fromkeys(handlers, ("Tags", "list")))
    blocking = stacks._runs_on_worker_thread
    stacks._runs_on_worker_thread = lambda kind: kind in handlers or blocking(kind)


def physical_name(stack: str, logical_id: str) -> str:
    """Return a generated name for a resource, the same until the resource is replaced."""
    from ministack.services.cloudformation import provisioners

    return str(provisioners._physical_name(stack, logical_id, max_len=63))


def change_set_stack(change_set: str) -> str:
    """Return the name of the stack that a change set (an ARN) belongs to, or ""."""
    from ministack.services import cloudformation

    description = cloudformation._change_sets.get(change_set) or {}
    return str(description.get("StackName", ""))
