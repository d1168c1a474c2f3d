"""Which artifact an execution deploys; no AWS."""

from tasks.run import execution_input
from tasks.run.errors import InvalidInputError
from tasks.run.payloads import DeployModelEvent
from tasks.run.run_paths import Run


def choose(event: DeployModelEvent, bucket: str) -> str:
    """Return the artifact that the execution's input names, or the one that it trained.

    Args:
        event: the event of DeployModel.
        bucket: the deployment's.

    Raises:
        InvalidInputError: the artifact is not one of a run of this deployment.
    """
    named = execution_input.parse(event["input"]).model_data_url
    model_data_url = named or event["trained"]["model_data_url"]
    if Run.of_model(model_data_url).bucket != bucket:
        raise InvalidInputError(
            f"model_data_url: {model_data_url} is not in this deployment's bucket"
        )
    return model_data_url
