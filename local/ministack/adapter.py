"""Touches ministack's internals (version 1.5.33, pinned), so that `local.sagemaker` need not.

`check` says which name is missing should another version be installed.
"""

import hashlib
import importlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

Reply = tuple[int, dict[str, str], bytes]
Handler = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[Reply]]

NEEDED = {
    "ministack.app": (
        "SERVICE_HANDLERS PERSIST_STATE _build_persistence_save_dict _loaded_modules _state_map "
        "_port_is_bindable detect_service main save_all"
    ),
    "ministack.core.iam_actions": "identity_denial_message",
    "ministack.core.iam_evaluator": (
        "AuthError EvalContext _conditions_met _service_principal_matches enforce"
    ),
    "ministack.core.responses": "get_account_id get_region request_scope",
    "ministack.core.router": "extract_access_key_id",
    "ministack.services.iam": "_roles",
    "ministack.services.sts": "register_session",
}


class AdapterError(RuntimeError):
    """The installed ministack is not the one this adapter was written for."""


def check(needed: Mapping[str, str]) -> None:
    """Raise AdapterError naming every needed name that its module lacks."""
    missing = []
    for module, names in needed.items():
        try:
            loaded = importlib.import_module(module)
        except ImportError:
            missing.append(module)
            continue
        missing += [f"{module}.{name}" for name in names.split() if not hasattr(loaded, name)]
    if missing:
        raise AdapterError(
            f"the installed ministack lacks {', '.join(missing)}: install the pinned version "
            "(make setup)"
        )


def serve() -> None:
    """Run the account in the foreground, as its environment says."""
    from ministack import app

    app._port_is_bindable = lambda *_: False  # never take port 443 besides ours
    app.main()


# --- requests ------------------------------------------------------------------------------


def add_service(
    name: str, handler: Handler, claims: Callable[[str, Mapping[str, str]], bool]
) -> None:
    """Serve the requests that `claims(path, headers)` with `handler`, as service `name`."""
    from ministack import app

    detect = app.detect_service

    def detect_ours(
        method: str, path: str, headers: dict[str, str], query_params: dict[str, Any]
    ) -> str:
        return name if claims(path, headers) else str(detect(method, path, headers, query_params))

    app.detect_service = detect_ours
    app.SERVICE_HANDLERS[name] = handler


def wrap_service(name: str, before: Callable[[dict[str, str], bytes], Reply | None]) -> None:
    """Call `before(headers, body)` ahead of a service's handler; a reply of its own wins."""
    from ministack import app

    inner = app.SERVICE_HANDLERS[name]

    async def outer(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Reply:
        early = before(headers, body)
        if early is not None:
            return early
        reply: Reply = await inner(method, path, headers, body, query)
        return reply

    app.SERVICE_HANDLERS[name] = outer


def keep_state(name: str, keeper: Any) -> None:
    """Save and restore a service's state with ministack's own (get_state, load_persisted_state)."""
    from ministack import app

    app._loaded_modules[name] = keeper
    app._state_map[name] = name


def save_state() -> None:
    """Write the state of every service, if the account is one that keeps it."""
    from ministack import app

    if app.PERSIST_STATE:
        app.save_all(app._build_persistence_save_dict())


# --- who calls, and what they may do ---------------------------------------------------------


@dataclass(frozen=True)
class Caller:
    """Who makes a call: an access key that the account issued, in an account and a region."""

    access_key: str
    account: str
    region: str

    def scope(self) -> AbstractContextManager[None]:
        """Make this account and region those of the current context."""
        from ministack.core.responses import request_scope

        scope: AbstractContextManager[None] = request_scope(self.account, self.region)
        return scope


@dataclass(frozen=True)
class Credentials:
    """Temporary credentials of an assumed role."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str = field(repr=False)


def request_caller(headers: Mapping[str, str], query: Mapping[str, Any]) -> Caller:
    """The caller of the request being served."""
    from ministack.core.responses import get_account_id, get_region
    from ministack.core.router import extract_access_key_id

    return Caller(extract_access_key_id(headers, query), get_account_id(), get_region())


def current_scope() -> tuple[str, str]:
    """The account and region of the current context."""
    from ministack.core.responses import get_account_id, get_region

    return get_account_id(), get_region()


def denial(caller: Caller, action: str, resource: str, context: Mapping[str, Any]) -> str | None:
    """AWS's message if the caller's policies do not allow the action, else None."""
    from ministack.core.iam_actions import identity_denial_message
    from ministack.core.iam_evaluator import AuthError, enforce

    service = action.partition(":")[0]
    with caller.scope():
        denied = enforce(caller.access_key, action, service, caller.region, resource, dict(context))
    if denied is None:
        return None
    if isinstance(denied, AuthError):
        return str(denied.message)
    return str(
        identity_denial_message(action, denied.principal_arn, resource, denied.decision == "Deny")
    )


def role(arn: str) -> dict[str, Any] | None:
    """The account's record of a role, or None if there is no such role."""
    from ministack.services import iam

    parts = arn.split(":")
    if len(parts) < 6 or not parts[5].startswith("role/"):
        return None
    record: dict[str, Any] | None = iam._roles.get_scoped(parts[4], None, arn.rsplit("/", 1)[-1])
    return record if record and record.get("Arn") == arn else None


def trusts(document: Mapping[str, Any], service: str, account: str, source_arn: str) -> bool:
    """Whether a role's trust policy lets a service principal assume the role."""
    from ministack.core import iam_evaluator

    context = iam_evaluator.EvalContext(
        principal_arn="", principal_type="", principal_account=account,
        action="sts:AssumeRole", resource_arn="*", region="",
        service_context={"aws:sourceaccount": account, "aws:sourcearn": source_arn},
    )  # fmt: skip
    statements = document.get("Statement", [])
    effects = set()
    for statement in [statements] if isinstance(statements, dict) else statements:
        actions = statement.get("Action", [])
        named = [actions] if isinstance(actions, str) else actions
        if (
            {"sts:AssumeRole", "sts:*", "*"} & set(named)
            and iam_evaluator._service_principal_matches(statement.get("Principal"), service)
            and iam_evaluator._conditions_met(statement.get("Condition", {}), context)
        ):
            effects.add(statement.get("Effect"))
    return effects == {"Allow"}


def role_session(arn: str, session: str) -> Credentials:
    """Credentials of a role, as AWS issues them to a service that the role trusts."""
    from ministack.services import sts

    digest = hashlib.sha256(f"{arn}\n{session}".encode()).hexdigest()
    name = arn.rsplit("/", 1)[-1]
    credentials = Credentials(
        access_key=f"ASIA{digest[:16].upper()}",
        secret_key=hashlib.sha256(f"secret:{digest}".encode()).hexdigest(),
        token=hashlib.sha256(f"token:{digest}".encode()).hexdigest(),
    )
    sts.register_session(
        credentials.access_key,
        {
            "Arn": f"arn:aws:sts::{arn.split(':')[4]}:assumed-role/{name}/{session}",
            "UserId": f"{name}:{session}",
            "SecretAccessKey": credentials.secret_key,
            "SessionToken": credentials.token,
        },
    )
    return credentials
