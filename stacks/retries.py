"""What the states try again, and for how long; what is not transient fails at once."""

from aws_cdk import Duration
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks

from contract import states

_LOCK_ATTEMPTS = 240
_LONGEST_PAUSE = Duration.minutes(1)
# Lambda is busy or broken: https://docs.aws.amazon.com/step-functions/latest/dg/
# sfn-best-practices.html#bp-lambda-serviceexception
_BUSY = [
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.SdkClientException",
    "Lambda.ClientExecutionTimeoutException",
    states.SERVICE_UNAVAILABLE,
]
# The name of all other errors of Lambda's API, a missing permission among them.
_OTHER = ["Lambda.AWSLambdaException"]


def retry_transient(task: tasks.LambdaInvoke) -> None:
    """Let a function's state wait half an hour for Lambda and for what the function needs.

    A new account may run ten functions at a time. None of ours has a reserved concurrency: it would
    be taken from all others, and Lambda refuses it when too little is left for them.
    """
    task.add_retry(
        errors=_BUSY,
        interval=Duration.seconds(2),
        backoff_rate=2,
        max_delay=_LONGEST_PAUSE,
        max_attempts=34,
        jitter_strategy=sfn.JitterType.NONE,
    )
    task.add_retry(errors=_OTHER, interval=Duration.seconds(2), backoff_rate=2, max_attempts=4)


def retry_lock(task: tasks.LambdaInvoke, minutes: int) -> None:
    """Let a state wait so many minutes for another execution to deploy and verify."""
    task.add_retry(
        errors=[states.DEPLOYMENT_IN_PROGRESS],
        interval=Duration.seconds(60 * minutes // _LOCK_ATTEMPTS),
        backoff_rate=1,
        max_attempts=_LOCK_ATTEMPTS,
    )
