"""The interface between `local.sagemaker` and the internals of ministack 1.5.33 (pinned).

`check` reports the names that another version lacks. ministack has no types, so what comes from
it is `Any` until it is converted here.
"""

import hashlib
import importlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

Headers = dict[str, str]  # names in lower case
Query = dict[str, Any]  # ministack: lists of texts for the query of a URL, texts for some services
Reply = tuple[int, dict[str, str], bytes]  # HTTP status, headers, body
Handler = Callable[[str, str, Headers, bytes, Query], Awaitable[Reply]]
ConditionKeys = Mapping[str, str | list[str]]  # what the conditions of a policy look at
State = dict[str, Any]  # what a service saves, as JSON
Policy = Mapping[str, Any]  # an IAM policy document, as its JSON says it

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
    "ministack.core.tls": "_generated_cert_names resolve_tls_material",
    "ministack.services.iam": "_roles",
    "ministack.services.sts": "register_session",
}


class AdapterError(RuntimeError):
    """An installed ministack that is not the one this adapter is written for."""


def check(needed: Mapping[str, str]) -> None:
    """Check that ministack has what this package uses.

    Args:
        needed: names, separated by spaces, by the module that must have them.

    Raises:
        AdapterError: naming everything that is missing.
    """
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
    """Run the account in the foreground, configured by environment variables."""
    from ministack import app

    app._port_is_bindable = lambda *_: False  # never take port 443, too
    app.main()


def name_hosts(names: Sequence[str]) -> None:
    """Have the certificate name these hosts, too; an asterisk stands for one label."""
    from ministack.core import tls

    inner = tls._generated_cert_names
    tls._generated_cert_names = lambda: list(dict.fromkeys([*inner(), *names]))


# --- requests ------------------------------------------------------------------------------


def add_service(
    name: str, handler: Handler, claims: Callable[[str, Mapping[str, str]], bool]
) -> None:
    """Add a service to the account.

    Args:
        name: what ministack calls the service.
        handler: answers its requests.
        claims: tells by path and headers whether a request is for the service.
    """
    from ministack import app

    detect = app.detect_service

    def detect_added(method: str, path: str, headers: Headers, query_params: Query) -> str:
        return name if claims(path, headers) else str(detect(method, path, headers, query_params))

    app.detect_service = detect_added
    app.SERVICE_HANDLERS[name] = handler


def wrap_service(name: str, before: Callable[[Headers, bytes], Reply | None]) -> None:
    """Call `before(headers, body)` ahead of a service's handler, which a reply replaces."""
    from ministack import app

    inner = app.SERVICE_HANDLERS[name]

    async def outer(method: str, path: str, headers: Headers, body: bytes, query: Query) -> Reply:
        early = before(headers, body)
        if early is not None:
            return early
        reply: Reply = await inner(method, path, headers, body, query)
        return reply

    app.SERVICE_HANDLERS[name] = outer


class StateKeeper(Protocol):
    """What ministack calls to save and to restore a service; the state is JSON."""

    def get_state(self) -> State:
        """Return the state to save."""
        ...

    def load_persisted_state(self, data: State) -> None:
        """Restore a state that was saved."""
        ...


def keep_state(name: str, keeper: StateKeeper) -> None:
    """Save and restore a service's state together with that of ministack."""
    from ministack import app

    app._loaded_modules[name] = keeper
    app._state_map[name] = name


def save_state() -> None:
    """Write the state of every service, if the account is configured to keep it."""
    from ministack import app

    if app.PERSIST_STATE:
        app.save_all(app._build_persistence_save_dict())


# --- who calls, and what they may do ---------------------------------------------------------


@dataclass(frozen=True)
class Caller:
    """Who makes a call, and where.

    Attributes:
        access_key: one that the account issued.
        account: the account's number.
        region: the region that the call is for.
    """

    access_key: str
    account: str
    region: str

    def scope(self) -> AbstractContextManager[None]:
        """Return a context in which this account and region are the current ones."""
        from ministack.core.responses import request_scope

        scope: AbstractContextManager[None] = request_scope(self.account, self.region)
        return scope


@dataclass(frozen=True)
class Credentials:
    """Credentials of an assumed role."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str = field(repr=False)


def request_caller(headers: Mapping[str, str], query: Query) -> Caller:
    """Return the caller of the request being served."""
    from ministack.core.responses import get_account_id, get_region
    from ministack.core.router import extract_access_key_id

    return Caller(extract_access_key_id(headers, query), get_account_id(), get_region())


def current_scope() -> tuple[str, str]:
    """Return the account and region of the current context."""
    from ministack.core.responses import get_account_id, get_region

    return get_account_id(), get_region()


def denial(caller: Caller, action: str, resource: str, context: ConditionKeys) -> str | None:
    """Return AWS's message if the caller's policies do not allow the action, else None."""
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


def trust_policy(arn: str) -> Policy | None:
    """Return the trust policy of a role, or None if there is no such role."""
    from ministack.services import iam

    parts = arn.split(":")
    if len(parts) < 6 or not parts[5].startswith("role/"):
        return None
    role = iam._roles.get_scoped(parts[4], None, arn.rsplit("/", 1)[-1])
    if not role or role.get("Arn") != arn:
        return None
    document = role.get("AssumeRolePolicyDocument", {})
    policy: Policy = json.loads(document) if isinstance(document, str) else document
    return policy


def trusts(policy: Policy, service: str, account: str, source_arn: str) -> bool:
    """Tell whether a trust policy lets a service assume the role.

    Args:
        policy: the role's trust policy.
        service: the service's principal, `sagemaker.amazonaws.com`.
        account: the account on whose behalf the service acts (aws:SourceAccount).
        source_arn: the resource on whose behalf it acts (aws:SourceArn), or "".
    """
    from ministack.core import iam_evaluator

    context = iam_evaluator.EvalContext(
        principal_arn="", principal_type="", principal_account=account,
        action="sts:AssumeRole", resource_arn="*", region="",
        service_context={"aws:sourceaccount": account, "aws:sourcearn": source_arn},
    )  # fmt: skip
    statements = policy.get("Statement", [])
    effects = set()
    for statement in [statements] if isinstance(statements, dict) else statements:
        actions = statement.get("Action", [])
        patterns = {actions} if isinstance(actions, str) else set(actions)
        if (
            {"sts:AssumeRole", "sts:*", "*"} & patterns
            and iam_evaluator._service_principal_matches(statement.get("Principal"), service)
            and iam_evaluator._conditions_met(statement.get("Condition", {}), context)
        ):
            effects.add(statement.get("Effect"))
    return effects == {"Allow"}


def role_session(arn: str, session: str) -> Credentials:
    """Return credentials of a role, as AWS issues them to a service that the role trusts."""
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
