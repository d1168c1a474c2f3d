"""A reader of an account, page by page, that recognises what belongs to one deployment."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from botocore.exceptions import ClientError

from contract import names

# CloudFormation shortens the stack's part of a generated name to this many characters.
_SHORTENED = 24
# AWS writes tags as `{key: value}` or as a list of pairs, in upper or lower case.
Tags: TypeAlias = Mapping[str, str] | Sequence[Mapping[str, str]]


class Account:
    """The account of a boto3 session, as the searches for one deployment read it.

    Attributes:
        name: the deployment.
        stacks: the names of its stacks.
    """

    def __init__(self, session: Any, name: str) -> None:
        """Keep a boto3 session (untyped) and the name of the deployment; read nothing yet."""
        self.name = name
        self.stacks = tuple(names.stack_name(name, stack) for stack in names.STACKS)
        self._session = session
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """Return the boto3 client (untyped) of `service`, made once."""
        if service not in self._clients:
            self._clients[service] = self._session.client(service)
        return self._clients[service]

    def list_all(
        self, service: str, operation: str, key: str, **parameters: object
    ) -> Iterator[Any]:
        """Yield every item under `key` on all pages of `operation`.

        There is none if the resource that would hold them is gone, or if the account does not
        offer the service.
        """
        client = self.client(service)
        try:
            if client.can_paginate(operation):
                pages = client.get_paginator(operation).paginate(**parameters)
            else:
                pages = [getattr(client, operation)(**parameters)]
            for page in pages:
                yield from page.get(key) or []
        except ClientError as error:
            code = error.response["Error"]["Code"]
            # AWS names every error; a bare HTTP status is an emulator's answer to a whole service.
            if "NotFound" not in code and not code.isdigit():
                raise

    def generated(self, name: str, service: str, operation: str, **parameters: str) -> bool:
        """Return whether CloudFormation generated `name` in one of the deployment's stacks.

        The name alone is ambiguous: the names of a deployment `a-data` begin like those of the
        stack `a-data`, and a long stack name is cut short. The tags, which `operation` reads,
        therefore decide; the name decides for a resource without the tag, such as one that a
        service made by itself.
        """
        in_full = any(name == stack or name.startswith(f"{stack}-") for stack in self.stacks)
        shortened = (stack[:_SHORTENED] for stack in self.stacks if len(stack) > _SHORTENED)
        if not in_full and not any(name.startswith(f"{stack}-") for stack in shortened):
            return False
        deployment = _deployment(self._tags(service, operation, **parameters))
        return deployment == self.name or (in_full and deployment is None)

    def has_tag(self, tags: Tags) -> bool:
        """Return whether `tags` say that a resource belongs to the deployment."""
        return _deployment(tags) == self.name

    def _tags(self, service: str, operation: str, **parameters: str) -> Tags:
        try:
            response = getattr(self.client(service), operation)(**parameters)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "NoSuchTagSet" or "NotFound" in code:
                return {}
            raise
        return next((response[key] for key in ("Tags", "TagSet", "tags") if key in response), {})


def _deployment(tags: Tags) -> str | None:
    if not isinstance(tags, Mapping):
        tags = {
            tag.get("Key", tag.get("key", "")): tag.get("Value", tag.get("value", ""))
            for tag in tags
        }
    return tags.get(names.DEPLOYMENT_TAG)
