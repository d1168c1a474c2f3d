"""Endpoint configurations: immutable, and checked against the models that they name."""

from local.sagemaker.core import paging
from local.sagemaker.core.api import Request, Response, Structure
from local.sagemaker.core.errors import invalid
from local.sagemaker.core.operation import Call, Operation, arn_of, roles_at
from local.sagemaker.core.region import Region, Resource
from local.sagemaker.core.tagging import keep_tags
from local.sagemaker.core.timing import now
from local.sagemaker.resources import models

SERVERLESS_MB = (1024, 2048, 3072, 4096, 5120, 6144)
# Members that would change what an endpoint does, and what the local account lacks for them.
NOT_SERVED = {
    "AsyncInferenceConfig": "asynchronous endpoints",
    "DataCaptureConfig": "data capture",
    "ExplainerConfig": "explanations",
    "ShadowProductionVariants": "shadow variants",
}


class EndpointConfig(Resource):
    """An endpoint configuration."""

    kind = "endpoint-config"
    noun = "EndpointConfig"
    named_by = ("EndpointConfigName",)


def find(region: Region, name: str) -> EndpointConfig:
    """Return the configuration.

    Raises:
        ServiceError: ValidationException, as the service answers.
    """
    config = region.get(EndpointConfig, name)
    if config is None:
        arn = region.arn(EndpointConfig.kind, name)
        raise invalid(f'Could not find endpoint configuration "{arn}".')
    return config


def _create(call: Call) -> Response:
    request, region = call.request, call.region
    _check_served(request)
    name = request["EndpointConfigName"]
    arn = region.arn(EndpointConfig.kind, name)
    with region.lock:
        if region.get(EndpointConfig, name):
            raise invalid(f'Cannot create already existing endpoint configuration "{arn}".')
        variants = request["ProductionVariants"]
        for variant in variants:
            _check_variant(region, variant)
        if len({variant["VariantName"] for variant in variants}) < len(variants):
            raise invalid("Production variant names must be unique within an endpoint.")
        config = EndpointConfig.create(
            region,
            {
                **request,
                "ProductionVariants": [
                    {"InitialVariantWeight": 1.0, **variant} for variant in variants
                ],
                "EndpointConfigArn": arn,
                "CreationTime": now(),
            },
        )
        region.add(config)
        keep_tags(config, request)
    return {"EndpointConfigArn": arn}


def _check_served(request: Request) -> None:
    capture = request.get("DataCaptureConfig", {})
    switched_off = {"DataCaptureConfig"} if not capture.get("EnableCapture", True) else set()
    for member, what in NOT_SERVED.items():
        if request.get(member) and member not in switched_off:
            raise invalid(f"The local account has no {what}: leave out {member}.")


def _check_variant(region: Region, variant: Structure) -> None:
    if "ModelName" not in variant:
        raise invalid(f"Production variant {variant['VariantName']} names no model.")
    models.find(region, variant["ModelName"])
    serverless = variant.get("ServerlessConfig")
    has_instances = "InstanceType" in variant and variant.get("InitialInstanceCount", 0) > 0
    if (serverless is not None) == has_instances:
        raise invalid(
            f"Production variant {variant['VariantName']} needs either an InstanceType and an "
            "InitialInstanceCount, or a ServerlessConfig."
        )
    memory = serverless["MemorySizeInMB"] if serverless else SERVERLESS_MB[0]
    if memory not in SERVERLESS_MB:
        raise invalid(
            f"1 validation error detected: Value '{memory}' at 'MemorySizeInMB' failed to satisfy "
            "constraint: Member must satisfy enum value set: "
            f"[{', '.join(map(str, SERVERLESS_MB))}]"
        )


def _describe(call: Call) -> Response:
    return find(call.region, call.request["EndpointConfigName"]).description


def _delete(call: Call) -> Response:
    with call.region.lock:
        call.region.remove(find(call.region, call.request["EndpointConfigName"]))
    return {}


def _list(call: Call) -> Response:
    return paging.list_resources(call, EndpointConfig, "EndpointConfigs")


_arn = arn_of(EndpointConfig)
OPERATIONS = {
    "CreateEndpointConfig": Operation(_create, _arn, roles_at("ExecutionRoleArn")),
    "DescribeEndpointConfig": Operation(_describe, _arn),
    "DeleteEndpointConfig": Operation(_delete, _arn),
    "ListEndpointConfigs": Operation(_list),
}
