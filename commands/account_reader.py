"""Reads an account page by page, and tells what in it belongs to one deployment."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

TAG = "factorstack:deployment"
STACKS = ("data", "studio", "serving", "pipeline")

# CloudFormation shortens the stack's part of a generated name to so many characters.
_SHORTENED = 24


class Account:
    """Reads an account on behalf of the searches for one deployment."""

    def __init__(self, session: Any, name: str) -> None:
        self.name = name
        self.stacks = tuple(f"{name}-{stack}" for stack in STACKS)
        self._session = session
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """Return the one client of `service`."""
        if service not in self._clients:
            self._clients[service] = self._session.client(service)
        return self._clients[service]

    def all(self, service: str, operation: str, key: str, **parameters: Any) -> Iterator[Any]:
        """Yield every item under `key` on all pages of `operation`.

        There is none if what would hold them is gone, or the account offers no such service.
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

    def named(self, name: str, service: str, operation: str, **which: str) -> bool:
        """Tell whether CloudFormation generated `name` in one of the deployment's stacks.

        The name alone may deceive: a deployment `a-data` has names that begin like those of the
        stack `a-data`, and a long stack name is cut short. So the tags, which `operation` reads,
        decide; of something without the tag, such as what a service made by itself, the name does.
        """
        whole = any(name == stack or name.startswith(f"{stack}-") for stack in self.stacks)
        shortened = (stack[:_SHORTENED] for stack in self.stacks if len(stack) > _SHORTENED)
        if not whole and not any(name.startswith(f"{stack}-") for stack in shortened):
            return False
        owner = _owner(self._tags(service, operation, **which))
        return owner == self.name or (whole and owner is None)

    def tagged(self, tags: list[dict[str, str]] | dict[str, str]) -> bool:
        """Tell whether `tags`, in any of AWS's spellings, have the deployment's tag."""
        return _owner(tags) == self.name

    def _tags(self, service: str, operation: str, **which: str) -> Any:
        try:
            answer = getattr(self.client(service), operation)(**which)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "NoSuchTagSet" or "NotFound" in code:
                return {}
            raise
        return next((answer[key] for key in ("Tags", "TagSet", "tags") if key in answer), {})


def _owner(tags: list[dict[str, str]] | dict[str, str]) -> str | None:
    if isinstance(tags, list):
        tags = {
            tag.get("Key", tag.get("key", "")): tag.get("Value", tag.get("value", ""))
            for tag in tags
        }
    return tags.get(TAG)
