"""The role that CloudFormation takes to change the Serving stack for the state machine."""

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks import endpoint_guard
from stacks.endpoint_settings import Endpoint
from stacks.nag import acknowledge_wildcards

DEPLOYMENT_TAG = "factorstack:deployment"


class ServingRole(Construct):
    """May touch only this deployment's model, endpoint config and endpoint.

    It stands outside the Serving stack, because CloudFormation deletes a stack with the role that
    changed it last: the role must outlive what it deletes.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: str,
        execution_role: iam.IRole,
        options: Endpoint,
    ) -> None:
        super().__init__(scope, construct_id)
        around = endpoint_guard.statements(Stack.of(self), options, deployment)
        endpoint = self._arn("endpoint", deployment)
        # CloudFormation names models and configs itself, so the deployment's tag tells them apart.
        tagged = [self._arn("model", "*"), self._arn("endpoint-config", "*")]
        create = ["sagemaker:CreateModel", "sagemaker:CreateEndpointConfig", "sagemaker:AddTags"]
        use = [
            "sagemaker:DescribeModel",
            "sagemaker:DeleteModel",
            "sagemaker:DescribeEndpointConfig",
            "sagemaker:DeleteEndpointConfig",
            "sagemaker:CreateEndpoint",
            "sagemaker:UpdateEndpoint",
            "sagemaker:ListTags",
        ]
        self.role = iam.Role(
            self, "Role", assumed_by=iam.ServicePrincipal("cloudformation.amazonaws.com")
        )
        policy = iam.Policy(
            self,
            "Policy",
            roles=[self.role],
            statements=[
                iam.PolicyStatement(
                    actions=create,
                    resources=tagged,
                    conditions=_tag("aws:RequestTag", deployment),
                ),
                iam.PolicyStatement(
                    actions=use, resources=tagged, conditions=_tag("aws:ResourceTag", deployment)
                ),
                iam.PolicyStatement(
                    actions=[
                        "sagemaker:CreateEndpoint",
                        "sagemaker:UpdateEndpoint",
                        "sagemaker:DeleteEndpoint",
                        "sagemaker:DescribeEndpoint",
                        "sagemaker:AddTags",
                        "sagemaker:ListTags",
                    ],
                    resources=[endpoint],
                ),
                iam.PolicyStatement(
                    actions=["iam:PassRole"],
                    resources=[execution_role.role_arn],
                    conditions={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
                ),
                *around,
            ],
        )
        acknowledge_wildcards(
            policy,
            "The services choose the names of alarms and scalable targets; describing takes all.",
            resources=[
                resource
                for statement in around
                for resource in statement.resources
                if "*" in resource
            ],
        )
        acknowledge_wildcards(
            policy,
            "CloudFormation chooses the names; the condition on the deployment's tag is the limit.",
            resources=tagged,
        )

    def _arn(self, kind: str, name: str) -> str:
        return Stack.of(self).format_arn(
            service="sagemaker",
            resource=kind,
            resource_name=name,
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )


def _tag(key: str, deployment: str) -> dict[str, dict[str, str]]:
    return {"StringEquals": {f"{key}/{DEPLOYMENT_TAG}": deployment}}
