"""The Serving stack: model, endpoint config and endpoint, which exist once there is an artifact."""

from aws_cdk import CfnCondition, CfnOutput, CfnParameter, DefaultStackSynthesizer, Fn, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from contract.names import ENDPOINT_CONFIG_OUTPUT, MODEL_PARAMETER, VARIANT
from stacks.autoscaling import EndpointScaling
from stacks.endpoint_settings import Endpoint
from stacks.fm_image import FmImage
from stacks.roll_out_alarms import RollOutAlarms, deployment_config
from stacks.settings import Settings


class ServingStack(Stack):
    """Serves the artifact that its one parameter names; without one, it holds nothing.

    The state machine changes the parameter and nothing else (`tasks.rollout.stack`);
    `cdk deploy` keeps its value. Model and config have no physical names, because a new
    artifact replaces both.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        execution_role: iam.IRole,
    ) -> None:
        # Without the rule on the bootstrap version, whoever updates the parameter needs no SSM.
        synthesizer = DefaultStackSynthesizer(generate_bootstrap_version_rule=False)
        super().__init__(scope, construct_id, synthesizer=synthesizer)
        artifact = CfnParameter(
            self,
            MODEL_PARAMETER,
            default="",
            allowed_pattern=r"^$|^s3://.+/model\.tar\.gz$",
            description="The artifact to serve; the state machine sets it. Empty: no endpoint.",
        )
        self._has_model = CfnCondition(
            self,
            "HasModel",
            expression=Fn.condition_not(Fn.condition_equals(artifact.value_as_string, "")),
        )
        image = FmImage(self, "Image")
        model = sagemaker.CfnModel(
            self,
            "Model",
            execution_role_arn=execution_role.role_arn,
            primary_container=sagemaker.CfnModel.ContainerDefinitionProperty(
                image=image.uri, model_data_url=artifact.value_as_string
            ),
        )
        config = sagemaker.CfnEndpointConfig(
            self,
            "EndpointConfig",
            production_variants=[_variant(settings.endpoint, model.attr_model_name)],
        )
        endpoint = self._endpoint(settings, config.attr_endpoint_config_name)
        for resource in (model, config, endpoint):
            resource.cfn_options.condition = self._has_model
        self._output("EndpointName", endpoint.attr_endpoint_name)
        self._output(ENDPOINT_CONFIG_OUTPUT, config.attr_endpoint_config_name)

    def _endpoint(self, settings: Settings, config_name: str) -> sagemaker.CfnEndpoint:
        blue_green, autoscaling = settings.endpoint.blue_green, settings.endpoint.autoscaling
        roll_out = None
        if blue_green is not None:
            alarms = RollOutAlarms(
                self,
                "RollOut",
                blue_green=blue_green,
                endpoint_name=settings.name,
                condition=self._has_model,
            )
            roll_out = deployment_config(blue_green, alarms.names)
        endpoint = sagemaker.CfnEndpoint(
            self,
            "Endpoint",
            endpoint_name=settings.name,
            endpoint_config_name=config_name,
            deployment_config=roll_out,
            # Otherwise a new model would start on the config's instances, whatever the load.
            retain_all_variant_properties=True if autoscaling else None,
        )
        if autoscaling is not None:
            EndpointScaling(
                self,
                "Scaling",
                autoscaling=autoscaling,
                endpoint=endpoint,
                condition=self._has_model,
            )
        return endpoint

    def _output(self, name: str, value: str) -> None:
        CfnOutput(self, name, value=value, condition=self._has_model)


def _variant(
    endpoint: Endpoint, model_name: str
) -> sagemaker.CfnEndpointConfig.ProductionVariantProperty:
    if endpoint.serverless is not None:
        return sagemaker.CfnEndpointConfig.ProductionVariantProperty(
            variant_name=VARIANT,
            model_name=model_name,
            initial_variant_weight=1,
            serverless_config=sagemaker.CfnEndpointConfig.ServerlessConfigProperty(
                memory_size_in_mb=endpoint.serverless.memory_mib,
                max_concurrency=endpoint.serverless.max_concurrency,
            ),
        )
    return sagemaker.CfnEndpointConfig.ProductionVariantProperty(
        variant_name=VARIANT,
        model_name=model_name,
        instance_type=endpoint.instance_type,
        initial_instance_count=endpoint.instance_count,
        initial_variant_weight=1,
    )
