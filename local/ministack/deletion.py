"""Corrects what ministack 1.5.33 deletes, and what it writes after a deletion, to match AWS."""

import json
from collections.abc import Mapping
from typing import Any

NEEDED = {
    "ministack.core.iam_actions": "extract_resource_arn",
    "ministack.services.cloudwatch_logs": "_log_groups",
    "ministack.services.lambda_svc": "_emit_lambda_logs",
    "ministack.services.cloudformation": "_stacks",
    "ministack.services.cloudformation.stacks": (
        "_delete_stack_async _delete_resource _with_dependencies"
    ),
    "ministack.services.cloudformation.handlers": "_delete_stack_async",
}
# Authorised on the stream; all other actions of CloudWatch Logs on the group.
STREAM_ACTIONS = ("DeleteLogStream", "GetLogEvents", "PutLogEvents")


def apply() -> None:
    """Make the corrections; call it before ministack serves."""
    _authorise_on_log_streams()
    _drop_lines_of_deleted_log_groups()
    _keep_dependencies_of_failed_deletions()


def _authorise_on_log_streams() -> None:
    """Authorise an action on a log stream on the stream, not on its group."""
    from ministack.core import iam_actions

    extract = iam_actions.extract_resource_arn

    def extract_stream(service: str, *request: Any) -> str:
        arn = str(extract(service, *request))
        _method, _path, headers, body, *_ = request
        return f"{arn}{_stream(headers, body)}" if service == "logs" else arn

    iam_actions.extract_resource_arn = extract_stream


def _stream(headers: Mapping[str, str], body: bytes) -> str:
    if headers.get("x-amz-target", "").rpartition(".")[2] not in STREAM_ACTIONS:
        return ""
    try:
        return f":log-stream:{json.loads(body)['logStreamName']}"
    except (ValueError, KeyError, TypeError):
        return ""


def _drop_lines_of_deleted_log_groups() -> None:
    """Keep a function from making the log group anew that it is configured to write to."""
    from ministack.services import cloudwatch_logs, lambda_svc

    emit = lambda_svc._emit_lambda_logs

    def emit_to_existing(function: dict[str, Any], *line: Any, **options: Any) -> None:
        config = function.get("config") or function
        group = (config.get("LoggingConfig") or {}).get("LogGroup")
        if not group or group in cloudwatch_logs._log_groups:
            emit(function, *line, **options)

    lambda_svc._emit_lambda_logs = emit_to_existing


def _keep_dependencies_of_failed_deletions() -> None:
    """Keep what a resource depends on when its deletion fails, so that it can be retried."""
    from ministack.services import cloudformation
    from ministack.services.cloudformation import handlers, stacks

    delete_stack, delete_resource = stacks._delete_stack_async, stacks._delete_resource
    kept: dict[str, set[str]] = {}  # logical ids, by stack

    async def delete_stack_in_order(stack_name: str, *rest: Any, **options: Any) -> None:
        kept[stack_name] = set()
        try:
            await delete_stack(stack_name, *rest, **options)
        finally:
            del kept[stack_name]

    def delete_unneeded(kind: str, physical: str, props: Any, stack: str, logical: str) -> None:
        if logical in kept.get(stack, ()):
            raise ValueError("kept: a resource that depends on it could not be deleted")
        try:
            delete_resource(kind, physical, props, stack, logical)
        except Exception:
            if stack in kept:
                description = cloudformation._stacks[stack]
                definitions = description["_template"].get("Resources", {})
                existing = set(description["_resources"])
                needed = stacks._with_dependencies([logical], definitions, existing)
                kept[stack] |= needed - {logical}
            raise

    stacks._delete_resource = delete_unneeded
    stacks._delete_stack_async = handlers._delete_stack_async = delete_stack_in_order
