"""The role that CloudFormation assumes to update the Serving stack for the state machine."""

from aws_cdk import aws_iam as iam
from constructs import Construct

from contract.names import DEPLOYMENT_TAG
from stacks import arns, endpoint_permissions
from stacks.endpoint_settings import Endpoint
from stacks.nag import acknowledge_wildcards
from stacks.statements import allow, pass_role, wildcards


class ServingRole(Construct):
    """May touch only this deployment's model, endpoint config and endpoint.

    It belongs to the Studio stack: CloudFormation deletes the Serving stack with the role that
    updated it last, which must therefore outlive the stack.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: str,
        execution_role: iam.IRole,
        endpoint: Endpoint,
    ) -> None:
        super().__init__(scope, construct_id)
        # CloudFormation names models and configs itself, so the deployment's tag tells them apart.
        tagged = [arns.arn(self, "sagemaker", kind, "*") for kind in ("model", "endpoint-config")]
        options = endpoint_permissions.statements(self, endpoint, deployment)
        self.role = iam.Role(
            self, "Role", assumed_by=iam.ServicePrincipal("cloudformation.amazonaws.com")
        )
        policy = iam.Policy(
            self,
            "Policy",
            roles=[self.role],
            statements=[
                allow(
                    "sagemaker:CreateModel",
                    "sagemaker:CreateEndpointConfig",
                    "sagemaker:AddTags",
                    on=tagged,
                    StringEquals={f"aws:RequestTag/{DEPLOYMENT_TAG}": deployment},
                ),
                allow(
                    "sagemaker:DescribeModel",
                    "sagemaker:DeleteModel",
                    "sagemaker:DescribeEndpointConfig",
                    "sagemaker:DeleteEndpointConfig",
                    "sagemaker:CreateEndpoint",
                    "sagemaker:UpdateEndpoint",
                    "sagemaker:ListTags",
                    "sagemaker:DeleteTags",
                    on=tagged,
                    StringEquals={f"aws:ResourceTag/{DEPLOYMENT_TAG}": deployment},
                ),
                allow(
                    "sagemaker:CreateEndpoint",
                    "sagemaker:UpdateEndpoint",
                    "sagemaker:DeleteEndpoint",
                    "sagemaker:DescribeEndpoint",
                    "sagemaker:AddTags",
                    "sagemaker:DeleteTags",
                    "sagemaker:ListTags",
                    on=[arns.endpoint(self, deployment)],
                ),
                pass_role(execution_role.role_arn, to="sagemaker.amazonaws.com"),
                *options,
            ],
        )
        acknowledge_wildcards(
            policy,
            "The services name alarms and scalable targets; Describe actions have no resources.",
            resources=wildcards(options),
        )
        acknowledge_wildcards(
            policy,
            "CloudFormation chooses the names; the condition on the deployment's tag is the limit.",
            resources=tagged,
        )
