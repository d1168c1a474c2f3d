"""A state that runs a training job: Step Functions starts it itself, and waits for its end."""

from dataclasses import dataclass

from aws_cdk import Aws, Duration, Fn
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from stacks.settings import Training

TRAINING_JOB_SYNC = "sagemaker:createTrainingJob.sync"
# Step Functions' names for API errors. Throttling has none of its own: it shares this one with
# refusals that are final, which are therefore not put off for more than half a minute. What a job
# itself failed of is States.TaskFailed, and the same data would fail again.
API_ERROR = "SageMaker.AmazonSageMakerException"
# https://docs.aws.amazon.com/step-functions/latest/dg/sample-train-model.html
LIMIT_ERROR = "SageMaker.ResourceLimitExceededException"
LONGEST_WAIT_FOR_AN_INSTANCE = 30  # minutes, for the jobs of others, which take minutes


@dataclass(frozen=True)
class TrainingJob:
    """What the training jobs have in common.

    Attributes:
        training: The settings of their instance.
        image_uri: The algorithm's image.
        role_arn: The jobs' role.
    """

    training: Training
    image_uri: str
    role_arn: str

    def parameters(self, request: str) -> dict[str, object]:
        """Return the request of CreateTrainingJob, with paths for what a run decides.

        Args:
            request: Where in the state that is (`tasks.run.payloads.TrainingRequest`).
        """
        return {
            # A job's name can never be used again, so a retry takes the next one, and an execution
            # that was redriven counts its retries from 0 again.
            "TrainingJobName.$": (
                f"States.Format('{{}}-{{}}-{{}}', {request}.job_name_prefix, "
                "$$.Execution.RedriveCount, $$.State.RetryCount)"
            ),
            "AlgorithmSpecification": {
                "TrainingImage": self.image_uri,
                "TrainingInputMode": "File",
            },
            "RoleArn": self.role_arn,
            "HyperParameters.$": f"{request}.hyperparameters",
            "InputDataConfig": [_channel("train", request), _channel("test", request)],
            "OutputDataConfig": {"S3OutputPath.$": f"{request}.model_uri"},
            "ResourceConfig": {
                "InstanceType": self.training.instance_type,
                "InstanceCount": 1,
                "VolumeSizeInGB": self.training.volume_gib,
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 60 * self.training.max_runtime_minutes},
        }


def training_state(
    scope: Construct, name: str, job: TrainingJob, request: str, result: str
) -> sfn.CustomState:
    """Return a state that runs a training job.

    Args:
        scope: The construct that the state belongs to.
        name: The state.
        job: What jobs have in common.
        request: Where in the state the function's result is that asks for the job.
        result: Where the job's name and artifact go.
    """
    state = sfn.CustomState(
        scope,
        name,
        state_json={
            "Type": "Task",
            "Resource": Fn.join(":", ["arn", Aws.PARTITION, "states", "", "", TRAINING_JOB_SYNC]),
            "Parameters": job.parameters(request),
            "ResultSelector": {
                "job_name.$": "$.TrainingJobName",
                "model_data_url.$": "$.ModelArtifacts.S3ModelArtifacts",
            },
            "ResultPath": result,
            # The job stops itself at its own limit first, with a reason that says so.
            "TimeoutSeconds": 60 * (job.training.max_runtime_minutes + 30),
        },
    )
    state.add_retry(
        errors=[LIMIT_ERROR],
        interval=Duration.minutes(1),
        backoff_rate=1,
        max_attempts=LONGEST_WAIT_FOR_AN_INSTANCE,
    )
    return state.add_retry(
        errors=[API_ERROR],
        interval=Duration.seconds(2),
        backoff_rate=2,
        max_attempts=4,
    )


def _channel(name: str, request: str) -> dict[str, object]:
    return {
        "ChannelName": name,
        "ContentType": "application/x-recordio-protobuf",
        "DataSource": {
            "S3DataSource": {
                "S3DataType": "S3Prefix",
                "S3Uri.$": f"{request}.{name}_uri",
                "S3DataDistributionType": "FullyReplicated",
            }
        },
    }
