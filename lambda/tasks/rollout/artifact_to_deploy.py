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


def way_back(live: str, verified: str) -> str:
    """Return the artifact to go back to when the one to deploy cannot be verified.

    An execution that was aborted leaves a model live that nobody verified: it is no way back.

    Args:
        live: the artifact that the Serving stack serves; "" for none.
        verified: the one that was last verified; "" if none was.
    """
    return (verified or live) if live else live
