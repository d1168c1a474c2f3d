"""What ministack 1.5.33 does unlike AWS and Factorstack would notice, put right.

With the other `local.ministack_` modules, all that touches its internals.
"""

import importlib
import re
from collections.abc import Mapping
from typing import Any

from local.ministack.adapter import current_scope

NEEDED = {
    "ministack.core.iam_actions": "request_tag_context",
    "ministack.services.lambda_svc": "_execute_function_warm",
    "ministack.services.s3": "_bucket_tags",
    "ministack.services.cloudformation.engine": "_evaluate_conditions find_in_map",
    "ministack.services.cloudformation.stacks": "_evaluate_conditions",
    "ministack.services.cloudformation.handlers": "_evaluate_conditions",
    "ministack.services.cloudformation.changesets": "_evaluate_conditions",
    "ministack.services.cloudformation.provisioners": "_RESOURCE_HANDLERS _STACK_TAG_PROPERTY",
}
ANONYMOUS_ERROR = "Runtime.HandlerError"


def apply() -> None:
    """Put everything right, before ministack serves."""
    _name_lambda_errors()
    _tag_buckets()
    _know_stack_roles()
    _evaluate_functions_in_conditions()


def _name_lambda_errors() -> None:
    """A function's error carries the name of its class, which state machines catch by."""
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
    """What Lambda answers for a function's error, from the traceback that ends its log."""
    first = re.escape(message.split("\n")[0])
    ending = rf": {first}" if first else ""
    found = list(re.finditer(rf"^([A-Za-z_][\w.$<>]*){ending}$", log, re.MULTILINE))
    if not found:
        return {"errorMessage": message, "errorType": ANONYMOUS_ERROR}
    start = log.rfind("Traceback (most recent call last):", 0, found[-1].start())
    trace = log[start : found[-1].start()].splitlines()[1:] if start >= 0 else []
    return {
        "errorMessage": message,
        "errorType": found[-1].group(1).rpartition(".")[2],
        "requestId": request_id,
        "stackTrace": trace,
    }


def _tag_buckets() -> None:
    """A bucket that CloudFormation makes carries its tags, which CDK's auto-delete looks for."""
    from ministack.services import s3
    from ministack.services.cloudformation import provisioners

    handler = provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]
    create, update = handler["create"], handler["update"]
    provisioners._STACK_TAG_PROPERTY["AWS::S3::Bucket"] = ("Tags", "list")

    def keep(made: tuple[str, Any], props: Mapping[str, Any]) -> tuple[str, Any]:
        s3._bucket_tags[made[0]] = {tag["Key"]: tag["Value"] for tag in props.get("Tags", [])}
        return made

    handler["create"] = lambda logical, props, stack: keep(create(logical, props, stack), props)
    handler["update"] = lambda physical, old, new, stack: keep(
        update(physical, old, new, stack), new
    )


def _know_stack_roles() -> None:
    """Policies may ask which role a stack operation names: cloudformation:RoleArn."""
    from ministack.core import iam_actions

    request_context = iam_actions.request_tag_context

    def with_role(service: str, action: str, body: bytes, params: dict[str, Any]) -> Any:
        context = request_context(service, action, body, params)
        if service == "cloudformation" and params.get("RoleARN"):
            named = params["RoleARN"]
            context["cloudformation:RoleArn"] = named[0] if isinstance(named, list) else named
        return context

    iam_actions.request_tag_context = with_role


def _evaluate_functions_in_conditions() -> None:
    """Conditions may hold Fn::Join, Fn::FindInMap and pseudo parameters, as CDK's do."""
    from ministack.services.cloudformation import engine

    evaluate = engine._evaluate_conditions

    def evaluate_resolved(template: dict[str, Any], params: Mapping[str, Any]) -> Any:
        conditions = _resolved(template.get("Conditions", {}), template, params)
        return evaluate({**template, "Conditions": conditions}, params)

    for module in NEEDED:
        if "_evaluate_conditions" in NEEDED[module]:
            vars(importlib.import_module(module))["_evaluate_conditions"] = evaluate_resolved


def _resolved(node: Any, template: dict[str, Any], params: Mapping[str, Any]) -> Any:
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


def _reference(name: str, params: Mapping[str, Any]) -> Any:
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
