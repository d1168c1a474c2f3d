"""The container's three kinds of failure, their texts and their exit codes.

Texts and codes as in aws/sagemaker-rl-container, `vw_serving/sagemaker/exceptions.py`, which
follows the toolkit of SageMaker's own algorithms.
"""


class ContainerError(Exception):
    """A failure that the container reports in `output/failure` and by its exit code.

    Attributes:
        message: What a person reads.
        caused_by: Class of the cause, if there is one.
        cause: Text of the cause, if the message does not say it all.
    """

    prefix = "Algorithm Error"
    exit_code = 1

    def __init__(self, message: str, caused_by: str | None = None, cause: str | None = None):
        super().__init__(message)
        self.message = message
        self.caused_by = caused_by
        self.cause = cause

    @property
    def summary(self) -> str:
        """One line: kind, message and the class of the cause."""
        suffix = f" (caused by {self.caused_by})" if self.caused_by else ""
        return f"{self.prefix}: {self.message}{suffix}"

    @property
    def report(self) -> str:
        """The text of `output/failure`."""
        return self.summary + (f"\n\nCaused by: {self.cause}" if self.cause else "")


class AlgorithmError(ContainerError):
    """The algorithm itself failed."""


class CustomerError(ContainerError):
    """The job's settings or data are wrong; the API shows it as ClientError."""

    prefix = "Customer Error"
    exit_code = 2


class PlatformError(ContainerError):
    """The folders that the platform provides are not as they should be."""

    prefix = "Platform Error"
    exit_code = 3


UNEXPECTED = (
    "An unexpected error has occurred. Please try again. "
    "If the problem persists, contact AWS support."
)
OUT_OF_MEMORY = (
    "Out of Memory. Please use a larger instance type or reduce batch size. For additional "
    "hyper-parameters that may have an effect on memory usage, please check the algorithm "
    "documentation."
)
