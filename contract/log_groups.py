"""The CloudWatch log groups that SageMaker writes to; those of a kind are shared by the account.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html
"""

TRAINING_JOBS = "/aws/sagemaker/TrainingJobs"
TRANSFORM_JOBS = "/aws/sagemaker/TransformJobs"
STUDIO = "/aws/sagemaker/studio"
_ENDPOINTS = "/aws/sagemaker/Endpoints/"


def endpoint(name: str) -> str:
    """Return the log group of the endpoint `name`, which is its alone."""
    return _ENDPOINTS + name
