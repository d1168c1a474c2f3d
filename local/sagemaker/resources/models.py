"""Models: immutable, and checked against the role, image and artifact that they name."""

from local.sagemaker.core import access, images, paging, storage
from local.sagemaker.core.api import Request, Response, Structure
from local.sagemaker.core.errors import invalid
from local.sagemaker.core.operation import Call, Operation, arn_of, roles_at
from local.sagemaker.core.region import Region, Resource
from local.sagemaker.core.tagging import keep_tags
from local.sagemaker.core.timing import now


class Model(Resource):
    """A model; its description has a PrimaryContainer, whichever way the request names it."""

    kind = "model"
    noun = "Model"
    named_by = ("ModelName",)


def find(region: Region, name: str) -> Model:
    """Return the model.

    Raises:
        ServiceError: ValidationException, as the service answers.
    """
    model = region.get(Model, name)
    if model is None:
        raise invalid(f'Could not find model "{region.arn(Model.kind, name)}".')
    return model


def artifact_uri(container: Structure) -> str:
    """Return the URI of a container's model artifact.

    Raises:
        ServiceError: ValidationException if it names none.
    """
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    uri = container.get("ModelDataUrl") or source.get("S3Uri")
    if not uri:
        raise invalid("Factorization Machines needs a model artifact: name it as ModelDataUrl.")
    return str(uri)


def _create(call: Call) -> Response:
    request, region = call.request, call.region
    name = request["ModelName"]
    arn = region.arn(Model.kind, name)
    container = _container(request)
    if "Image" not in container:
        raise invalid("Factorization Machines needs an image: name it as Image.")
    images.check(container["Image"], region.name)
    role = request.get("ExecutionRoleArn")
    if role is None:
        raise invalid("An execution role is required: name it as ExecutionRoleArn.")
    credentials = access.assume(role, "SageMaker", arn)
    storage.check_model(artifact_uri(container), role, region.name, credentials)
    with region.lock:
        if region.get(Model, name):
            raise invalid(f'Cannot create already existing model "{arn}".')
        others = {member: value for member, value in request.items() if member != "Containers"}
        model = Model.create(
            region,
            {
                "EnableNetworkIsolation": False,
                **others,
                "PrimaryContainer": {"Mode": "SingleModel", **container},
                "ModelArn": arn,
                "CreationTime": now(),
            },
        )
        region.add(model)
        keep_tags(model, request)
    return {"ModelArn": arn}


def _container(request: Request) -> Structure:
    several = request.get("Containers", [])
    if several and request.get("PrimaryContainer"):
        raise invalid("Both Containers and PrimaryContainer are given: name one of them.")
    if len(several) > 1:
        raise invalid("Factorization Machines cannot be part of an inference pipeline.")
    container: Structure = several[0] if several else request.get("PrimaryContainer", {})
    if not container:
        raise invalid("No containers are given: name one as PrimaryContainer.")
    return container


def _describe(call: Call) -> Response:
    return find(call.region, call.request["ModelName"]).description


def _delete(call: Call) -> Response:
    with call.region.lock:
        call.region.remove(find(call.region, call.request["ModelName"]))
    return {}


def _list(call: Call) -> Response:
    return paging.list_resources(call, Model, "Models")


OPERATIONS = {
    "CreateModel": Operation(_create, arn_of(Model), roles_at("ExecutionRoleArn")),
    "DescribeModel": Operation(_describe, arn_of(Model)),
    "DeleteModel": Operation(_delete, arn_of(Model)),
    "ListModels": Operation(_list),
}
