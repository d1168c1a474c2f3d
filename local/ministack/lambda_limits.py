"""Lambda's limits of an account: the memory of a new one's functions, and who may read them."""

import json
import os
from typing import Any

from local import layout

NEEDED = {
    "ministack.core.iam_actions": "_lambda_action",
    "ministack.services.lambda_svc": "_create_function _update_config",
    "ministack.services.cloudformation.provisioners": "_RESOURCE_HANDLERS",
}
FRESH_MEMORY_MIB = 3008


def apply() -> None:
    """Make the corrections; call it before ministack serves."""
    _authorise_account_settings()
    if os.environ.get(layout.QUOTAS_VARIABLE) == "fresh":
        _limit_memory()


def _authorise_account_settings() -> None:
    """Ask IAM about GetAccountSettings, which ministack allows everybody."""
    from ministack.core import iam_actions

    action = iam_actions._lambda_action

    def action_of(method: str, path: str) -> str | None:
        if path.rstrip("/").endswith("/account-settings"):
            return "GetAccountSettings"
        named: str | None = action(method, path)
        return named

    iam_actions._lambda_action = action_of


def _limit_memory() -> None:
    from ministack.services import lambda_svc
    from ministack.services.cloudformation import provisioners

    create, update = lambda_svc._create_function, lambda_svc._update_config
    handler = provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]
    provision, reprovision = handler["create"], handler["update"]
    lambda_svc._create_function = lambda data: _refusal(data) or create(data)
    lambda_svc._update_config = lambda name, data: _refusal(data) or update(name, data)
    handler["create"] = lambda logical, props, stack: provision(logical, _checked(props), stack)
    handler["update"] = lambda physical, old, new, stack: reprovision(
        physical, old, _checked(new), stack
    )


def problem(memory_mib: int) -> str | None:
    """Return Lambda's words for more memory than a new account may use, or None."""
    if memory_mib <= FRESH_MEMORY_MIB:
        return None
    return (
        "'MemorySize' value failed to satisfy constraint: Member must have value less than or "
        f"equal to {FRESH_MEMORY_MIB}"
    )


def _checked(properties: dict[str, Any]) -> dict[str, Any]:
    """Return the properties of a function in a template (JSON), if they are allowed."""
    refused = problem(int(properties.get("MemorySize", 0)))
    if refused:
        raise ValueError(refused)
    return properties


def _refusal(request: dict[str, Any]) -> tuple[int, dict[str, str], bytes] | None:
    refused = problem(int(request.get("MemorySize", 0)))
    if refused is None:
        return None
    body = {"Type": "User", "__type": "ValidationException", "message": refused}
    return 400, {"Content-Type": "application/json"}, json.dumps(body).encode()
