"""The roll-out of a new model in steps, and the alarms that stop it."""

from collections.abc import Sequence

from aws_cdk import CfnCondition
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from contract.names import VARIANT
from stacks.endpoint_settings import BlueGreen


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
    """Return how UpdateEndpoint moves traffic to the new fleet, and which alarms bring it back."""
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
