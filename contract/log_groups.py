"""The CloudWatch log groups that SageMaker writes to.

An endpoint has its own; all jobs of a kind, and all Studio domains, of an account share one.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html
"""

from contract.names import is_endpoint

TRAINING_JOBS = "/aws/sagemaker/TrainingJobs"
TRANSFORM_JOBS = "/aws/sagemaker/TransformJobs"
STUDIO = "/aws/sagemaker/studio"
_ENDPOINTS = "/aws/sagemaker/Endpoints/"


def endpoint(name: str) -> str:
    """Return the log group of the endpoint `name`."""
    return _ENDPOINTS + name


def is_of_endpoint(deployment: str, group: str) -> bool:
    """Return whether `group` is that of an endpoint of `deployment`, the lab's included."""
    return group.startswith(_ENDPOINTS) and is_endpoint(deployment, group.removeprefix(_ENDPOINTS))
