"""On whose behalf CloudFormation calls SageMaker: the stack's service role, else the requester.

CloudFormation keeps the role of a stack's last operation that named one; passing it to
CloudFormation is itself a permission.
"""

import contextvars
import json
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from local.ministack import adapter, stack_resources
from local.ministack.adapter import Caller, Reply
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
_roles: dict[tuple[str, str, str], str] = {}


def current() -> Caller:
    """Who acts for the stack operation of the current context."""
    return _caller.get()


def note(headers: dict[str, str], body: bytes) -> Reply | None:
    """Note who a stack operation acts as; an answer of its own if that is not allowed."""
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


def _role(requester: Caller, form: dict[str, str]) -> str | None:
    stack = form.get("StackName") or stack_resources.change_set_stack(form["ChangeSetName"])
    name = stack.split("/")[1] if stack.startswith("arn:") else stack
    key = (requester.account, requester.region, name)
    named = form.get("RoleARN")
    if named:
        access.authorise_passing(requester, [named], PRINCIPAL)
        _check_trust(named, requester)
        _roles[key] = named
    elif form["Action"] == "CreateStack":
        _roles.pop(key, None)
    return _roles.get(key)


def _check_trust(role: str, requester: Caller) -> None:
    record = adapter.role(role)
    document = (record or {}).get("AssumeRolePolicyDocument", {})
    parsed = json.loads(document) if isinstance(document, str) else document
    if not adapter.trusts(parsed, PRINCIPAL, requester.account, ""):
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
