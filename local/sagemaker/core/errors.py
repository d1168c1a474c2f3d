"""The errors that SageMaker answers with."""

import logging

log = logging.getLogger("sagemaker")


class ServiceError(Exception):
    """An error answer: the service's error code, its message, and the HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def invalid(message: str) -> ServiceError:
    """A request that the service refuses as it stands, and also most things not found."""
    return ServiceError("ValidationException", message)


def in_use(message: str) -> ServiceError:
    """A name that is taken, or a resource that others depend on."""
    return ServiceError("ResourceInUse", message)


def not_found(message: str) -> ServiceError:
    """A Studio resource, or a resource to tag, that does not exist."""
    return ServiceError("ResourceNotFound", message)


def limit_exceeded(message: str) -> ServiceError:
    """A quota that is used up."""
    return ServiceError("ResourceLimitExceeded", message)


def unknown_operation(name: str) -> ServiceError:
    """An operation that the service does not have, or that the local account does not serve."""
    log.warning("operation %s is not served by the local account", name)
    return ServiceError("UnknownOperationException", f"Unknown operation {name}")


def denied(message: str) -> ServiceError:
    """A call that the caller's policies do not allow."""
    return ServiceError("AccessDeniedException", message)
