"""The errors that end an execution; Step Functions shows their class name as the error's name."""


class TaskError(Exception):
    """An execution cannot go on; the message says what is wrong and what to do."""


class InvalidInputError(TaskError):
    """The execution input is not valid."""


class MissingVariableError(TaskError):
    """The function lacks a variable of its environment."""


class ModelRejected(TaskError):  # noqa: N818  the name that people see as the execution's error
    """The gate refused the model; the message holds the numbers that decided."""


class DeploymentInProgress(TaskError):  # noqa: N818  contract.states.DEPLOYMENT_IN_PROGRESS
    """The Serving stack is being changed by someone else; Step Functions retries."""


class ServiceUnavailable(TaskError):  # noqa: N818  contract.states.SERVICE_UNAVAILABLE
    """A service throttles, fails or cannot be reached; Step Functions retries."""


class DeploymentFailed(TaskError):  # noqa: N818  contract.states.DEPLOYMENT_FAILED
    """CloudFormation could not deploy the model and went back to the previous one."""


class RollBackFailed(TaskError):  # noqa: N818
    """The previous model could not be brought back; the message holds the first failure too."""


class EndpointNotVerified(TaskError):  # noqa: N818
    """The endpoint does not answer as the deployed model should."""
