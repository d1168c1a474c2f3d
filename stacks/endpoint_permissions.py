"""What the Serving stack's role may do for the options of the endpoint."""

from aws_cdk import aws_iam as iam
from constructs import IConstruct

from contract import names
from stacks import arns
from stacks.endpoint_settings import Endpoint
from stacks.statements import allow

_SCALING_SERVICE = "sagemaker.application-autoscaling.amazonaws.com"


def statements(scope: IConstruct, endpoint: Endpoint, deployment: str) -> list[iam.PolicyStatement]:
    """Return what the chosen options need, and nothing for the others."""
    needed = []
    if endpoint.autoscaling is not None:
        needed += _scaling(scope, deployment)
    if endpoint.blue_green is not None:
        needed.append(_alarms(scope, f"{names.stack_name(deployment, 'serving')}-*"))
    return needed


def _scaling(scope: IConstruct, deployment: str) -> list[iam.PolicyStatement]:
    """Return what registering a variant and its scaling policy needs.

    https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-prerequisites.html
    """
    return [
        allow(
            "application-autoscaling:RegisterScalableTarget",
            "application-autoscaling:DeregisterScalableTarget",
            "application-autoscaling:PutScalingPolicy",
            "application-autoscaling:DeleteScalingPolicy",
            "application-autoscaling:ListTagsForResource",
            "application-autoscaling:TagResource",
            "application-autoscaling:UntagResource",
            on=[arns.arn(scope, "application-autoscaling", "scalable-target", "*")],
        ),
        # These have no resources; the handlers of CloudFormation call all four.
        allow(
            "application-autoscaling:DescribeScalableTargets",
            "application-autoscaling:DescribeScalingPolicies",
            "application-autoscaling:DescribeScheduledActions",
            "cloudwatch:GetMetricData",
            on=["*"],
        ),
        allow(
            "sagemaker:UpdateEndpointWeightsAndCapacities", on=[arns.endpoint(scope, deployment)]
        ),
        # Target tracking works by alarms that it makes with the caller's permissions.
        _alarms(scope, f"TargetTracking-endpoint/{deployment}/variant/{names.VARIANT}-*"),
        _linked_role(scope),
    ]


def _alarms(scope: IConstruct, pattern: str) -> iam.PolicyStatement:
    return allow(
        "cloudwatch:PutMetricAlarm",
        "cloudwatch:DeleteAlarms",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:ListTagsForResource",
        "cloudwatch:TagResource",
        "cloudwatch:UntagResource",
        on=[arns.arn(scope, "cloudwatch", "alarm", pattern)],
    )


def _linked_role(scope: IConstruct) -> iam.PolicyStatement:
    """Return what the first registration needs, which makes Application Auto Scaling's role."""
    name = "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
    return allow(
        "iam:CreateServiceLinkedRole",
        on=[arns.arn(scope, "iam", "role", f"aws-service-role/{_SCALING_SERVICE}/{name}")],
        StringEquals={"iam:AWSServiceName": _SCALING_SERVICE},
    )
