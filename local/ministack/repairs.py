"""Corrects ministack 1.5.33 where it differs from AWS in ways that Factorstack notices."""

import importlib
import re
from collections.abc import Mapping
from typing import Any

from local.ministack.adapter import current_scope

Template = dict[str, Any]  # of CloudFormation
Parameters = Mapping[str, Mapping[str, Any]]  # by name, with its Value
NEEDED = {
    "ministack.core.iam_actions": "request_tag_context",
    "ministack.services.lambda_svc": "_execute_function_warm",
    "ministack.services.s3": "_bucket_tags",
    "ministack.services.stepfunctions": "_ExecutionError _call_lambda",
    "ministack.services.cloudformation.engine": "_evaluate_conditions find_in_map",
    "ministack.services.cloudformation.stacks": "_evaluate_conditions",
    "ministack.services.cloudformation.handlers": "_evaluate_conditions",
    "ministack.services.cloudformation.changesets": "_evaluate_conditions",
    "ministack.services.cloudformation.provisioners": "_RESOURCE_HANDLERS _STACK_TAG_PROPERTY",
}
ANONYMOUS_ERROR = "Runtime.HandlerError"


def apply() -> None:
    """Make the corrections; call it before ministack serves."""
    _name_lambda_errors()
    _name_throttling()
    _tag_buckets()
    _add_stack_role_key()
    _evaluate_functions_in_conditions()


def _name_lambda_errors() -> None:
    """Give the error of a function the name of its class, by which state machines catch it."""
    from ministack.services import lambda_svc

    execute = lambda_svc._execute_function_warm

    def execute_named(func: Any, event: Any, request_id: str) -> dict[str, Any]:
        result: dict[str, Any] = execute(func, event, request_id)
        body = result.get("body")
        if (
            result.get("error")
            and isinstance(body, dict)
            and body.get("errorType") == ANONYMOUS_ERROR
        ):
            log = str(result.get("log", ""))
            result["body"] = error_payload(str(body.get("errorMessage", "")), request_id, log)
        return result

    lambda_svc._execute_function_warm = execute_named


def error_payload(message: str, request_id: str, log: str) -> dict[str, Any]:
    """Return what Lambda answers when a function fails.

    Args:
        message: of the exception.
        request_id: of the invocation.
        log: the function's log, which ends with the traceback.

    Returns:
        A JSON object with errorType and errorMessage and, unless the traceback is missing,
        requestId and stackTrace.
    """
    first = re.escape(message.split("\n")[0])
    ending = rf": {first}" if first else ""
    matches = list(re.finditer(rf"^([A-Za-z_][\w.$<>]*){ending}$", log, re.MULTILINE))
    if not matches:
        return {"errorMessage": message, "errorType": ANONYMOUS_ERROR}
    end = matches[-1].start()
    start = log.rfind("Traceback (most recent call last):", 0, end)
    trace = log[start:end].splitlines()[1:] if start >= 0 else []
    return {
        "errorMessage": message,
        "errorType": matches[-1].group(1).rpartition(".")[2],
        "requestId": request_id,
        "stackTrace": trace,
    }


def _name_throttling() -> None:
    """Give a state whose function is throttled the error that Step Functions gives it."""
    from ministack.services import stepfunctions

    call = stepfunctions._call_lambda

    def call_named(function: str, event: Any) -> Any:
        try:
            return call(function, event)
        except stepfunctions._ExecutionError as error:
            if error.error != "Lambda.Unknown" or "TooManyRequestsException" not in error.cause:
                raise
            name = "Lambda.TooManyRequestsException"
            raise stepfunctions._ExecutionError(name, error.cause) from None

    stepfunctions._call_lambda = call_named


def _tag_buckets() -> None:
    """Tag the buckets that CloudFormation makes, since CDK's auto-delete looks for a tag."""
    from ministack.services import s3
    from ministack.services.cloudformation import provisioners

    handler = provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]
    create, update = handler["create"], handler["update"]
    provisioners._STACK_TAG_PROPERTY["AWS::S3::Bucket"] = ("Tags", "list")

    def tag(bucket: tuple[str, Any], props: Mapping[str, Any]) -> tuple[str, Any]:
        name, _attributes = bucket
        s3._bucket_tags[name] = {each["Key"]: each["Value"] for each in props.get("Tags", [])}
        return bucket

    handler["create"] = lambda logical, props, stack: tag(create(logical, props, stack), props)
    handler["update"] = lambda physical, old, new, stack: tag(
        update(physical, old, new, stack), new
    )


def _add_stack_role_key() -> None:
    """Let policies use cloudformation:RoleArn, the role that a stack operation names."""
    from ministack.core import iam_actions

    request_context = iam_actions.request_tag_context

    def with_role(service: str, action: str, body: bytes, params: dict[str, Any]) -> Any:
        context = request_context(service, action, body, params)
        if service == "cloudformation" and params.get("RoleARN"):
            role = params["RoleARN"]
            context["cloudformation:RoleArn"] = role[0] if isinstance(role, list) else role
        return context

    iam_actions.request_tag_context = with_role


def _evaluate_functions_in_conditions() -> None:
    """Let conditions use Fn::Join, Fn::FindInMap and pseudo parameters, as those of CDK do."""
    from ministack.services.cloudformation import engine

    evaluate = engine._evaluate_conditions

    def evaluate_resolved(template: Template, params: Parameters) -> Any:
        conditions = _resolved(template.get("Conditions", {}), template, params)
        return evaluate({**template, "Conditions": conditions}, params)

    for module in NEEDED:
        if "_evaluate_conditions" in NEEDED[module]:
            vars(importlib.import_module(module))["_evaluate_conditions"] = evaluate_resolved


def _resolved(node: Any, template: Template, params: Parameters) -> Any:
    """Return any node of a template without the functions that ministack does not evaluate."""
    from ministack.services.cloudformation import engine

    def resolve(inner: Any) -> Any:
        return _resolved(inner, template, params)

    if isinstance(node, list):
        return [resolve(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "Ref" in node:
        return _reference(node["Ref"], params)
    if "Fn::Join" in node:
        separator, items = resolve(node["Fn::Join"])
        return separator.join(items.split(",") if isinstance(items, str) else map(str, items))
    if "Fn::FindInMap" in node:
        return engine.find_in_map(node["Fn::FindInMap"], template.get("Mappings", {}), resolve)
    return {key: resolve(value) for key, value in node.items()}


def _reference(name: str, params: Parameters) -> Any:
    if name in params:
        return params[name]["Value"]
    account, region = current_scope()
    pseudo = {
        "AWS::AccountId": account,
        "AWS::Region": region,
        "AWS::Partition": "aws",
        "AWS::URLSuffix": "amazonaws.com",
    }
    return pseudo.get(name, name)
