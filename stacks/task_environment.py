"""The environment variables of the task functions."""

from dataclasses import dataclass

from contract import environment

# Their handlers score with fm.top_n, which runs in threads of its own: BLAS must not add others.
SINGLE_THREADED_BLAS = frozenset({"evaluate_model", "publish_recommendations", "recommend"})
BLAS_THREADS = "OPENBLAS_NUM_THREADS"


@dataclass(frozen=True)
class TaskEnvironment:
    """The values of the variables; each function gets those that its handler reads.

    Attributes:
        bucket: The name of the bucket.
        deployment: The deployment's name.
        endpoint_name: The endpoint that is verified.
        failure_topic_arn: The topic that failures are published to.
        serving_role_arn: The role that CloudFormation assumes to update the Serving stack.
        serving_stack: The name of the Serving stack.
        training_minutes: After which a training job is stopped.
    """

    bucket: str
    deployment: str
    endpoint_name: str
    failure_topic_arn: str
    serving_role_arn: str
    serving_stack: str
    training_minutes: int

    def variables(self, module: str) -> dict[str, str]:
        """Return the variables that `tasks.<module>` reads, and no other."""
        values = {
            environment.BUCKET: self.bucket,
            environment.DEPLOYMENT: self.deployment,
            environment.ENDPOINT_NAME: self.endpoint_name,
            environment.FAILURE_TOPIC_ARN: self.failure_topic_arn,
            environment.SERVING_ROLE_ARN: self.serving_role_arn,
            environment.SERVING_STACK: self.serving_stack,
            environment.TRAINING_MINUTES: str(self.training_minutes),
        }
        variables = {name: values[name] for name in environment.VARIABLES[module]}
        if module in SINGLE_THREADED_BLAS:
            variables[BLAS_THREADS] = "1"
        return variables
