"""Reads an account page by page, and tells what in it belongs to one deployment."""

from collections.abc import Callable, Iterator
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

    def named(self, name: str, tags: Callable[[], dict[str, Any]] | None = None) -> bool:
        """Tell whether CloudFormation generated `name` in one of the deployment's stacks.

        A long stack name is cut short and then no longer tells deployments apart; the answer to
        the request `tags` does.
        """
        if any(name == stack or name.startswith(f"{stack}-") for stack in self.stacks):
            return True
        shortened = (stack[:_SHORTENED] for stack in self.stacks if len(stack) > _SHORTENED)
        if tags is None or not any(name.startswith(f"{stack}-") for stack in shortened):
            return False
        answer = tags()
        return any(self.tagged(answer[key]) for key in ("Tags", "TagSet") if key in answer)

    def tagged(self, tags: list[dict[str, str]] | dict[str, str]) -> bool:
        """Tell whether `tags`, in any of AWS's spellings, have the deployment's tag."""
        if isinstance(tags, dict):
            return tags.get(TAG) == self.name
        pairs = (
            (tag.get("Key", tag.get("key")), tag.get("Value", tag.get("value"))) for tag in tags
        )
        return (TAG, self.name) in pairs
