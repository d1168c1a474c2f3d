"""CloudFormation's handlers for SageMaker's types; they call the service as the stack's role."""

import time

from botocore.model import ListShape, MapShape, Shape, StructureShape

from local.ministack import adapter, stack_resources
from local.sagemaker import service
from local.sagemaker.core import wire
from local.sagemaker.core.api import Request, Structure, Value
from local.sagemaker.core.errors import ServiceError
from local.sagemaker.integrations import stack_caller
from local.sagemaker.integrations.resource_types import TYPES, ResourceType

POLL_SECONDS = 0.05
TIMEOUT_SECONDS = 600.0
READY = "InService"
FAILED = ("Failed", "Delete_Failed", "Update_Failed", "OutOfService")
Properties = Structure  # of a resource in a template
Attributes = Structure  # what Fn::GetAtt returns


class StackResourceError(Exception):
    """A resource that cannot be created, updated or deleted; the message is its status reason."""


def register() -> None:
    """Add the types to the account's CloudFormation."""
    adapter.wrap_service("cloudformation", stack_caller.note)
    stack_resources.add_resource_types(
        {name: _Handler(kind).handlers() for name, kind in TYPES.items()},
        {name: kind.replacing for name, kind in TYPES.items()},
        {name: kind.identity for name, kind in TYPES.items() if kind.is_named_by_template},
    )


class _Handler:
    """Creates, updates and deletes the resources of one type."""

    def __init__(self, kind: ResourceType) -> None:
        self.kind = kind

    def handlers(self) -> stack_resources.TypeHandlers:
        return {"create": self.create, "update": self.update, "delete": self.delete}

    def create(self, logical_id: str, props: Properties, stack: str) -> tuple[str, Attributes]:
        request = self._request("Create", props)
        if self.kind.name and self.kind.name not in request:
            name = stack_resources.physical_name(stack, logical_id)
            request = {**request, self.kind.name: name}
        response = self._call("Create", request)
        identity = {
            member: request.get(member, response.get(member)) for member in self.kind.identity
        }
        try:
            description = self._await_ready(identity)
        except StackResourceError:
            self._remove(identity)
            raise
        return self.kind.reference(description), self._attributes(description)

    def update(
        self, reference: str, old: Properties, new: Properties, _stack: str
    ) -> tuple[str, Attributes]:
        identity = self.kind.request(reference)
        changed = {name for name in {*old, *new} if old.get(name) != new.get(name)}
        if changed - {"Tags"} and self.kind.updatable:
            self._call("Update", self._request("Update", {**new, **identity}))
            failure = self._await_ready(identity).get("FailureReason")
            if failure:
                raise StackResourceError(failure)
        description = self._await_ready(identity)
        if "Tags" in changed:
            self._retag(description[self.kind.arn], _tags(old), _tags(new))
        return reference, self._attributes(description)

    def delete(self, reference: str, _props: Properties) -> None:
        self._remove(self.kind.request(reference))

    def _remove(self, identity: Structure) -> None:
        description = self._describe(identity)
        if description is None or self._status(description) in self.kind.gone:
            return
        self._call("Delete", identity)
        if self.kind.status:
            self._await_gone(identity)

    def _retag(self, arn: str, old: dict[str, str], new: dict[str, str]) -> None:
        gone = [key for key in old if key not in new]
        added = [{"Key": key, "Value": value} for key, value in new.items()]
        if added:
            self._invoke("AddTags", {"ResourceArn": arn, "Tags": added})
        if gone:
            self._invoke("DeleteTags", {"ResourceArn": arn, "TagKeys": gone})

    def _attributes(self, description: Structure) -> Attributes:
        return {name: description.get(name, "") for name in self.kind.attributes}

    def _await_ready(self, identity: Structure) -> Structure:
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            description = self._describe(identity)
            if description is None:
                raise StackResourceError(f"{self.kind.noun} {dict(identity)} disappeared.")
            status = self._status(description)
            if status == READY:
                return description
            if status in FAILED:
                raise StackResourceError(description.get("FailureReason", f"It is {status}."))
            time.sleep(POLL_SECONDS)
        raise StackResourceError(f"{self.kind.noun} did not stabilize.")

    def _await_gone(self, identity: Structure) -> None:
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            description = self._describe(identity)
            if description is None or self._status(description) in self.kind.gone:
                return
            if self._status(description) in FAILED:
                raise StackResourceError(description.get("FailureReason", "It was not deleted."))
            time.sleep(POLL_SECONDS)
        raise StackResourceError(f"{self.kind.noun} did not stabilize.")

    def _status(self, description: Structure) -> str:
        return str(description[self.kind.status]) if self.kind.status else READY

    def _describe(self, identity: Structure) -> Structure | None:
        try:
            return service.call(stack_caller.current(), f"Describe{self.kind.noun}", identity)
        except ServiceError as error:
            if error.code == "ResourceNotFound" or "Could not find" in error.message:
                return None
            raise _reason(error) from None

    def _request(self, verb: str, props: Properties) -> Request:
        shape = wire.operations()[f"{verb}{self.kind.noun}"].input_shape
        request: Request = _typed(shape, props) if shape else {}
        return request

    def _call(self, verb: str, request: Request) -> Structure:
        return self._invoke(f"{verb}{self.kind.noun}", request)

    def _invoke(self, operation: str, request: Request) -> Structure:
        try:
            return service.call(stack_caller.current(), operation, request, reserved_tags=True)
        except ServiceError as error:
            raise _reason(error) from None


def _reason(error: ServiceError) -> StackResourceError:
    return StackResourceError(
        f"{error.message} (Service: AmazonSageMaker; Status Code: {error.status}; "
        f"Error Code: {error.code})"
    )


def _tags(props: Properties) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in props.get("Tags", [])}


def _typed(shape: Shape, value: Value) -> Value:
    """Return a template's value in the API's types, which templates may write as strings."""
    if isinstance(shape, StructureShape):
        return {
            name: _typed(member, value[name])
            for name, member in shape.members.items()
            if isinstance(value, dict) and value.get(name) is not None
        }
    if isinstance(shape, ListShape):
        return [_typed(shape.member, item) for item in value]
    if isinstance(shape, MapShape):
        return {str(key): _typed(shape.value, item) for key, item in value.items()}
    if isinstance(value, str):
        return _parsed(shape.type_name, value)
    return str(value) if shape.type_name == "string" else value


def _parsed(type_name: str, value: str) -> Value:
    if type_name == "boolean" and value.lower() in ("true", "false"):
        return value.lower() == "true"
    try:
        if type_name in ("integer", "long"):
            return int(value)
        if type_name in ("float", "double"):
            return float(value)
    except ValueError:
        return value  # the service says what is wrong with it
    return value
