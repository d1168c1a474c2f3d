"""The environment variables of each function: the stacks set them, and the handlers read them."""

from collections.abc import Mapping
from types import MappingProxyType

BUCKET = "BUCKET"
DEPLOYMENT = "DEPLOYMENT"
ENDPOINT_NAME = "ENDPOINT_NAME"
FAILURE_TOPIC_ARN = "FAILURE_TOPIC_ARN"
SERVING_ROLE_ARN = "SERVING_ROLE_ARN"
SERVING_STACK = "SERVING_STACK"
TRAINING_MINUTES = "TRAINING_MINUTES"

# Module of `lambda/tasks` -> the variables that its function needs, and no other.
VARIABLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "prepare_data": (BUCKET, DEPLOYMENT, TRAINING_MINUTES),
        "prepare_by_time": (BUCKET, DEPLOYMENT),
        "evaluate_model": (BUCKET, DEPLOYMENT, SERVING_STACK),
        "gate_model": (),
        "deploy_model": (BUCKET, SERVING_STACK, SERVING_ROLE_ARN),
        "describe_deployment": (SERVING_STACK,),
        "verify_endpoint": (BUCKET, ENDPOINT_NAME, SERVING_STACK),
        "roll_back_model": (BUCKET, SERVING_STACK, SERVING_ROLE_ARN),
        "verify_roll_back": (BUCKET, ENDPOINT_NAME, SERVING_STACK),
        "publish_recommendations": (),
        "notify_failure": (DEPLOYMENT, FAILURE_TOPIC_ARN),
        "recommend": (BUCKET,),
    }
)
