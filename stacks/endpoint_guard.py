"""What surrounds the endpoint on request: its scaling, and the alarms that stop a roll-out."""

from collections.abc import Sequence

from aws_cdk import ArnFormat, CfnCondition, Stack
from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.endpoint_settings import Autoscaling, BlueGreen, Endpoint

VARIANT = "AllTraffic"
_DIMENSION = "sagemaker:variant:DesiredInstanceCount"
_METRIC = "SageMakerVariantInvocationsPerInstance"


class EndpointScaling(Construct):
    """Registers the endpoint's variant with Application Auto Scaling once the endpoint is there.

    CloudFormation deletes it before the endpoint, as SageMaker demands.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        autoscaling: Autoscaling,
        endpoint: sagemaker.CfnEndpoint,
        condition: CfnCondition,
    ) -> None:
        super().__init__(scope, construct_id)
        target = scaling.CfnScalableTarget(
            self,
            "Target",
            service_namespace="sagemaker",
            scalable_dimension=_DIMENSION,
            resource_id=f"endpoint/{endpoint.endpoint_name}/variant/{VARIANT}",
            min_capacity=autoscaling.minimum,
            max_capacity=autoscaling.maximum,
        )
        target.add_dependency(endpoint)
        policy = scaling.CfnScalingPolicy(
            self,
            "Policy",
            policy_name=f"{endpoint.endpoint_name}-invocations",
            policy_type="TargetTrackingScaling",
            scaling_target_id=target.ref,
            target_tracking_scaling_policy_configuration=_tracking(autoscaling),
        )
        for resource in (target, policy):
            resource.cfn_options.condition = condition


def _tracking(
    autoscaling: Autoscaling,
) -> scaling.CfnScalingPolicy.TargetTrackingScalingPolicyConfigurationProperty:
    return scaling.CfnScalingPolicy.TargetTrackingScalingPolicyConfigurationProperty(
        target_value=autoscaling.invocations_per_instance_per_minute,
        predefined_metric_specification=scaling.CfnScalingPolicy.PredefinedMetricSpecificationProperty(
            predefined_metric_type=_METRIC
        ),
    )


class RollOutAlarms(Construct):
    """Alarms on errors and latency; `names` are what the endpoint's roll-out watches."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        blue_green: BlueGreen,
        endpoint_name: str,
        condition: CfnCondition,
    ) -> None:
        super().__init__(scope, construct_id)
        self._dimensions = [
            cloudwatch.CfnAlarm.DimensionProperty(name="EndpointName", value=endpoint_name),
            cloudwatch.CfnAlarm.DimensionProperty(name="VariantName", value=VARIANT),
        ]
        errors = self._alarm(
            "Errors",
            metric="Invocation5XXErrors",
            threshold=blue_green.most_errors_per_minute,
            statistic="Sum",
        )
        latency = self._alarm(
            "Latency",
            metric="ModelLatency",
            threshold=1000 * blue_green.slowest_milliseconds,  # the metric is in microseconds
            extended_statistic="p99",
        )
        for alarm in (errors, latency):
            alarm.cfn_options.condition = condition
        self.names = [errors.ref, latency.ref]

    def _alarm(
        self,
        construct_id: str,
        *,
        metric: str,
        threshold: float,
        statistic: str | None = None,
        extended_statistic: str | None = None,
    ) -> cloudwatch.CfnAlarm:
        return cloudwatch.CfnAlarm(
            self,
            construct_id,
            namespace="AWS/SageMaker",
            metric_name=metric,
            dimensions=self._dimensions,
            statistic=statistic,
            extended_statistic=extended_statistic,
            period=60,
            evaluation_periods=1,
            threshold=threshold,
            comparison_operator="GreaterThanThreshold",
            treat_missing_data="notBreaching",
        )


def deployment_config(
    blue_green: BlueGreen, alarms: Sequence[str]
) -> sagemaker.CfnEndpoint.DeploymentConfigProperty:
    """How UpdateEndpoint moves traffic to the new fleet."""
    kinds = {"canary": "CANARY", "linear": "LINEAR", "all_at_once": "ALL_AT_ONCE"}
    step = sagemaker.CfnEndpoint.CapacitySizeProperty(
        type="CAPACITY_PERCENT", value=blue_green.step_percent
    )
    routing = sagemaker.CfnEndpoint.TrafficRoutingConfigProperty(
        type=kinds[blue_green.steps],
        canary_size=step if blue_green.steps == "canary" else None,
        linear_step_size=step if blue_green.steps == "linear" else None,
        wait_interval_in_seconds=60 * blue_green.wait_minutes,
    )
    return sagemaker.CfnEndpoint.DeploymentConfigProperty(
        blue_green_update_policy=sagemaker.CfnEndpoint.BlueGreenUpdatePolicyProperty(
            traffic_routing_configuration=routing
        ),
        auto_rollback_configuration=sagemaker.CfnEndpoint.AutoRollbackConfigProperty(
            alarms=[sagemaker.CfnEndpoint.AlarmProperty(alarm_name=name) for name in alarms]
        ),
    )


def statements(stack: Stack, endpoint: Endpoint, deployment: str) -> list[iam.PolicyStatement]:
    """What the Serving stack's role needs for the chosen options, and nothing for the others."""
    found = []
    if endpoint.autoscaling is not None:
        found += _scaling(stack, deployment)
    if endpoint.blue_green is not None:
        found.append(_alarms(stack, f"{deployment}-serving-*"))
    return found


def _scaling(stack: Stack, deployment: str) -> list[iam.PolicyStatement]:
    """What registering a variant and its policy takes, some of it in the services' name.

    https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-prerequisites.html
    """
    prefix = "application-autoscaling"
    change = (
        "RegisterScalableTarget",
        "DeregisterScalableTarget",
        "PutScalingPolicy",
        "DeleteScalingPolicy",
        "ListTagsForResource",
        "TagResource",
    )
    return [
        iam.PolicyStatement(
            actions=[f"{prefix}:{action}" for action in change],
            resources=[_arn(stack, prefix, "scalable-target", "/", "*")],
        ),
        # These two know no resources.
        iam.PolicyStatement(
            actions=[f"{prefix}:DescribeScalableTargets", f"{prefix}:DescribeScalingPolicies"],
            resources=["*"],
        ),
        iam.PolicyStatement(
            actions=["sagemaker:UpdateEndpointWeightsAndCapacities"],
            resources=[_arn(stack, "sagemaker", "endpoint", "/", deployment)],
        ),
        # Target tracking works by alarms that it makes for the caller.
        _alarms(stack, f"TargetTracking-endpoint/{deployment}/variant/{VARIANT}-*"),
        _linked_role(stack),
    ]


def _alarms(stack: Stack, names: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=[
            "cloudwatch:PutMetricAlarm",
            "cloudwatch:DeleteAlarms",
            "cloudwatch:DescribeAlarms",
            "cloudwatch:ListTagsForResource",
            "cloudwatch:TagResource",
        ],
        resources=[_arn(stack, "cloudwatch", "alarm", ":", names)],
    )


def _linked_role(stack: Stack) -> iam.PolicyStatement:
    """Application Auto Scaling works with a role of its own, made at the first registration."""
    service = "sagemaker.application-autoscaling.amazonaws.com"
    role = stack.format_arn(
        service="iam",
        region="",
        resource="role",
        resource_name=f"aws-service-role/{service}/"
        "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint",
    )
    return iam.PolicyStatement(
        actions=["iam:CreateServiceLinkedRole"],
        resources=[role],
        conditions={"StringEquals": {"iam:AWSServiceName": service}},
    )


def _arn(stack: Stack, service: str, resource: str, separator: str, name: str) -> str:
    formats = {"/": ArnFormat.SLASH_RESOURCE_NAME, ":": ArnFormat.COLON_RESOURCE_NAME}
    return stack.format_arn(
        service=service, resource=resource, resource_name=name, arn_format=formats[separator]
    )
