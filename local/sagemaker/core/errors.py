"""The errors that SageMaker answers with."""

import logging

log = logging.getLogger("sagemaker")


class ServiceError(Exception):
    """An error answer.

    Attributes:
        code: the service's error code.
        message: what the caller reads.
        status: the HTTP status.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def invalid(message: str) -> ServiceError:
    """Return the error of an invalid request, and of most resources that do not exist."""
    return ServiceError("ValidationException", message)


def in_use(message: str) -> ServiceError:
    """Return the error of a name that is taken, or of a resource that others depend on."""
    return ServiceError("ResourceInUse", message)


def not_found(message: str) -> ServiceError:
    """Return the error of a Studio resource, or a resource to tag, that does not exist."""
    return ServiceError("ResourceNotFound", message)


def limit_exceeded(message: str) -> ServiceError:
    """Return the error of a quota that is used up."""
    return ServiceError("ResourceLimitExceeded", message)


def unknown_operation(name: str) -> ServiceError:
    """Return, and log, the error of an operation that the local account does not serve."""
    log.warning("operation %s is not served by the local account", name)
    return ServiceError("UnknownOperationException", f"Unknown operation {name}")


def denied(message: str) -> ServiceError:
    """Return the error of a call that the caller's policies do not allow."""
    return ServiceError("AccessDeniedException", message)
