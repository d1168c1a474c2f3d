"""Adds resource types to the CloudFormation of ministack 1.5.33."""

from collections.abc import Mapping
from typing import Any

ResourceHandlers = dict[str, dict[str, Any]]
NEEDED = {
    "ministack.services.cloudformation": "_change_sets",
    "ministack.services.cloudformation.provisioners": (
        "_CUSTOM_NAME_REPLACEMENT _RESOURCE_HANDLERS _REPLACING_PROPERTIES _STACK_TAG_PROPERTY "
        "_physical_name"
    ),
    "ministack.services.cloudformation.stacks": "_runs_on_worker_thread",
}


def add_resource_types(
    handlers: ResourceHandlers,
    replacing: Mapping[str, tuple[str, ...]],
    naming: Mapping[str, tuple[str, ...]],
) -> None:
    """Add resource types to the account's CloudFormation.

    Args:
        handlers: what creates, updates and deletes a resource of each type.
        replacing: the properties whose change replaces a resource.
        naming: the properties that name a resource; one that keeps its name cannot be replaced.
    """
    from ministack.services.cloudformation import provisioners, stacks

    provisioners._RESOURCE_HANDLERS.update(handlers)
    provisioners._REPLACING_PROPERTIES.update(replacing)
    provisioners._CUSTOM_NAME_REPLACEMENT.update({kind: {"name": naming[kind]} for kind in naming})
    provisioners._STACK_TAG_PROPERTY.update(dict.fromkeys(handlers, ("Tags", "list")))
    blocking = stacks._runs_on_worker_thread
    stacks._runs_on_worker_thread = lambda kind: kind in handlers or blocking(kind)


def physical_name(stack: str, logical_id: str) -> str:
    """A generated name of a stack's resource, stable until the resource is replaced."""
    from ministack.services.cloudformation import provisioners

    return str(provisioners._physical_name(stack, logical_id, max_len=63))


def change_set_stack(change_set: str) -> str:
    """The name of the stack that a change set (by ARN) belongs to, or ""."""
    from ministack.services import cloudformation

    record = cloudformation._change_sets.get(change_set) or {}
    return str(record.get("StackName", ""))
