"""The scaling of the endpoint's instances."""

from aws_cdk import CfnCondition
from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from contract.names import VARIANT
from stacks.endpoint_settings import Autoscaling

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
        target.add_resource_dependency(endpoint)
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
