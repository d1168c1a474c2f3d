"""The states of the state machine, the handlers behind them, and how long each may take.

Two states may share a handler, and then share its function, which the first of them names.
"""

from collections.abc import Mapping
from types import MappingProxyType

# State -> module of `lambda/tasks`, whose `handler` it invokes.
HANDLERS: Mapping[str, str] = MappingProxyType(
    {
        "PrepareData": "prepare_data",
        "PrepareByTime": "prepare_by_time",
        "EvaluateModel": "evaluate_model",
        "GateModel": "gate_model",
        "DeployModel": "deploy_model",
        "DescribeDeployment": "describe_deployment",
        "VerifyEndpoint": "verify_endpoint",
        "RollBackModel": "roll_back_model",
        "DescribeRollBack": "describe_deployment",
        "VerifyRollBack": "verify_roll_back",
        "PublishRecommendations": "publish_recommendations",
        "NotifyFailure": "notify_failure",
    }
)
# Step Functions starts the jobs of these itself, without a function.
TRAIN_MODEL = "TrainModel"
TRAIN_BY_TIME = "TrainByTime"
TASK_TIMEOUT_SECONDS = 15 * 60  # Lambda's longest
DEPLOYMENT_IN_PROGRESS = (
    "DeploymentInProgress"  # the error after which a state waits for another execution
)
DEPLOYMENT_FAILED = "DeploymentFailed"  # the error when CloudFormation itself went back
SERVICE_UNAVAILABLE = "ServiceUnavailable"  # the error of a function that AWS cannot serve now
