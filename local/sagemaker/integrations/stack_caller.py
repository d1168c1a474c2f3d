"""On whose behalf CloudFormation calls SageMaker: the stack's service role, else the requester.

CloudFormation remembers the role of the last operation on a stack that named one. Passing a role
to CloudFormation needs a permission.
"""

import contextvars
from collections.abc import Mapping
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from local.ministack import adapter, stack_resources
from local.ministack.adapter import Caller, Headers, Reply
from local.sagemaker.core import access
from local.sagemaker.core.errors import ServiceError

PRINCIPAL = "cloudformation.amazonaws.com"
OPERATIONS = (
    "CreateStack",
    "UpdateStack",
    "DeleteStack",
    "CreateChangeSet",
    "ExecuteChangeSet",
    "RollbackStack",
    "ContinueUpdateRollback",
)
_caller: contextvars.ContextVar[Caller] = contextvars.ContextVar("factorstack_stack_caller")
_roles: dict[tuple[str, str, str], str] = {}  # by account, region and stack


def current() -> Caller:
    """Return on whose behalf the stack operation of the current context runs."""
    return _caller.get()


def note(headers: Headers, body: bytes) -> Reply | None:
    """Note on whose behalf a request to CloudFormation runs.

    Returns:
        The answer if the requester may not pass the role, or the role cannot be assumed.
    """
    form = {name: values[0] for name, values in parse_qs(body.decode(errors="replace")).items()}
    if form.get("Action") not in OPERATIONS:
        return None
    requester = adapter.request_caller(headers, {})
    try:
        role = _role(requester, form)
    except ServiceError as error:
        return _error(error)
    caller = requester
    if role:
        session = adapter.role_session(role, "AWSCloudFormation")
        caller = Caller(session.access_key, requester.account, requester.region)
    _caller.set(caller)
    return None


def _role(requester: Caller, form: Mapping[str, str]) -> str | None:
    stack = form.get("StackName") or stack_resources.change_set_stack(form["ChangeSetName"])
    name = stack.split("/")[1] if stack.startswith("arn:") else stack
    key = (requester.account, requester.region, name)
    role = form.get("RoleARN")
    if role:
        access.authorise_passing(requester, [role], PRINCIPAL)
        _check_trust(role, requester)
        _roles[key] = role
    elif form["Action"] == "CreateStack":
        _roles.pop(key, None)
    return _roles.get(key)


def _check_trust(role: str, requester: Caller) -> None:
    policy = adapter.trust_policy(role)
    if policy is None or not adapter.trusts(policy, PRINCIPAL, requester.account, ""):
        raise ServiceError("ValidationError", f"Role {role} is invalid or cannot be assumed")


def _error(error: ServiceError) -> Reply:
    code = "AccessDenied" if error.code == "AccessDeniedException" else error.code
    status = 403 if code == "AccessDenied" else error.status
    body = (
        '<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error>'
        f"<Type>Sender</Type><Code>{code}</Code><Message>{escape(error.message)}</Message>"
        "</Error><RequestId>0</RequestId></ErrorResponse>"
    )
    return status, {"Content-Type": "text/xml"}, body.encode()
