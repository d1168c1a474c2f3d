"""Models and endpoint configurations: immutable, checked against what they name."""

from local.sagemaker.core import access, images, paging, storage
from local.sagemaker.core.errors import invalid
from local.sagemaker.core.operation import Call, Operation, Request, Response, named, role_member
from local.sagemaker.core.region import Record, Region, now
from local.sagemaker.core.tagging import keep_tags

MODEL = "model"
CONFIG = "endpoint-config"
SERVERLESS_MB = (1024, 2048, 3072, 4096, 5120, 6144)


def _create_model(call: Call) -> Response:
    request, region = call.request, call.region
    name = request["ModelName"]
    arn = region.arn(MODEL, name)
    container = _container(request)
    if "Image" not in container:
        raise invalid("Factorization Machines needs an image: name it as Image.")
    images.check(container["Image"], region.name)
    role = request.get("ExecutionRoleArn")
    if role is None:
        raise invalid("An execution role is required: name it as ExecutionRoleArn.")
    credentials = access.assume(role, "SageMaker", arn)
    storage.check_model(artifact(container), role, region.name, credentials)
    with region.lock:
        if region.get(MODEL, name):
            raise invalid(f'Cannot create already existing model "{arn}".')
        record = {
            **request,
            "PrimaryContainer": {"Mode": "SingleModel"} | container,
            "ModelArn": arn,
            "CreationTime": now(),
            "EnableNetworkIsolation": request.get("EnableNetworkIsolation", False),
        }
        record.pop("Containers", None)
        region.put(MODEL, [name], record)
        keep_tags(region, arn, request)
    return {"ModelArn": arn}


def _container(request: Request) -> Record:
    several = request.get("Containers", [])
    if several and request.get("PrimaryContainer"):
        raise invalid("Both Containers and PrimaryContainer are given: name one of them.")
    if len(several) > 1:
        raise invalid("Factorization Machines cannot be part of an inference pipeline.")
    container: Record = several[0] if several else request.get("PrimaryContainer", {})
    if not container:
        raise invalid("No containers are given: name one as PrimaryContainer.")
    return container


def artifact(container: Request) -> str:
    """The URI of a container's model artifact; raises ValidationException if it names none."""
    uri = container.get("ModelDataUrl") or container.get("ModelDataSource", {}).get(
        "S3DataSource", {}
    ).get("S3Uri")
    if not uri:
        raise invalid("Factorization Machines needs a model artifact: name it as ModelDataUrl.")
    return str(uri)


def find(region: Region, kind: str, name: str) -> Record:
    """A model or configuration; raises ValidationException as the service does."""
    record = region.get(kind, name)
    if record is None:
        what = {MODEL: "model", CONFIG: "endpoint configuration"}[kind]
        raise invalid(f'Could not find {what} "{region.arn(kind, name)}".')
    return record


def _create_config(call: Call) -> Response:
    request, region = call.request, call.region
    name = request["EndpointConfigName"]
    arn = region.arn(CONFIG, name)
    with region.lock:
        if region.get(CONFIG, name):
            raise invalid(f'Cannot create already existing endpoint configuration "{arn}".')
        for variant in request["ProductionVariants"]:
            _check_variant(region, variant)
        names = {variant["VariantName"] for variant in request["ProductionVariants"]}
        if len(names) < len(request["ProductionVariants"]):
            raise invalid("Production variant names must be unique within an endpoint.")
        record = {
            **request,
            "ProductionVariants": [
                {"InitialVariantWeight": 1.0} | variant for variant in request["ProductionVariants"]
            ],
            "EndpointConfigArn": arn,
            "CreationTime": now(),
        }
        region.put(CONFIG, [name], record)
        keep_tags(region, arn, request)
    return {"EndpointConfigArn": arn}


def _check_variant(region: Region, variant: Request) -> None:
    if "ModelName" not in variant:
        raise invalid(f"Production variant {variant['VariantName']} names no model.")
    find(region, MODEL, variant["ModelName"])
    serverless = variant.get("ServerlessConfig")
    instances = "InstanceType" in variant and variant.get("InitialInstanceCount", 0) > 0
    if (serverless is not None) == instances:
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


def _describe_model(call: Call) -> Response:
    return find(call.region, MODEL, call.request["ModelName"])


def _describe_config(call: Call) -> Response:
    return find(call.region, CONFIG, call.request["EndpointConfigName"])


def _delete_model(call: Call) -> Response:
    return _delete(call, MODEL, call.request["ModelName"])


def _delete_config(call: Call) -> Response:
    return _delete(call, CONFIG, call.request["EndpointConfigName"])


def _delete(call: Call, kind: str, name: str) -> Response:
    with call.region.lock:
        find(call.region, kind, name)
        call.region.drop(kind, name)
    return {}


def _list_models(call: Call) -> Response:
    return paging.listing(call, MODEL, "Models", name="ModelName")


def _list_configs(call: Call) -> Response:
    return paging.listing(call, CONFIG, "EndpointConfigs", name="EndpointConfigName")


_model, _config = named(MODEL, "ModelName"), named(CONFIG, "EndpointConfigName")
OPERATIONS = {
    "CreateModel": Operation(_create_model, _model, role_member("ExecutionRoleArn")),
    "DescribeModel": Operation(_describe_model, _model),
    "DeleteModel": Operation(_delete_model, _model),
    "ListModels": Operation(_list_models),
    "CreateEndpointConfig": Operation(_create_config, _config, role_member("ExecutionRoleArn")),
    "DescribeEndpointConfig": Operation(_describe_config, _config),
    "DeleteEndpointConfig": Operation(_delete_config, _config),
    "ListEndpointConfigs": Operation(_list_configs),
}
