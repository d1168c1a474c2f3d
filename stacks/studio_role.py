"""The role of the person in Studio: what the lab notebook does, and what Studio itself asks for."""

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as s3_assets
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.nag import acknowledge_wildcards


class StudioRole(Construct):
    """Starts and follows executions, asks the endpoint, reads runs and uploads interactions."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: str,
        bucket: s3.IBucket,
        notebook: s3_assets.Asset,
    ) -> None:
        super().__init__(scope, construct_id)
        bucket_arn = Stack.of(bucket).export_value(bucket.bucket_arn)
        raw, runs = (f"{bucket_arn}/{prefix}/*" for prefix in ("raw", "runs"))
        executions = self._arn("states", "execution", f"{deployment}:*", colon=True)
        studio_logs = self._arn("logs", "log-group", "/aws/sagemaker/studio", colon=True)
        policy = iam.ManagedPolicy(
            self,
            "Policy",
            statements=[
                iam.PolicyStatement(actions=["s3:GetObject"], resources=[raw, runs]),
                iam.PolicyStatement(actions=["s3:PutObject"], resources=[raw]),
                iam.PolicyStatement(actions=["s3:ListBucket"], resources=[bucket_arn]),
                iam.PolicyStatement(
                    actions=["s3:GetObject"],
                    resources=[notebook.bucket.arn_for_objects(notebook.s3_object_key)],
                ),
                iam.PolicyStatement(
                    actions=["states:StartExecution"],
                    resources=[self._arn("states", "stateMachine", deployment, colon=True)],
                ),
                iam.PolicyStatement(
                    actions=[
                        "states:DescribeExecution",
                        "states:GetExecutionHistory",
                        "states:StopExecution",
                    ],
                    resources=[executions],
                ),
                iam.PolicyStatement(
                    actions=["sagemaker:InvokeEndpoint"],
                    resources=[self._arn("sagemaker", "endpoint", deployment)],
                ),
                iam.PolicyStatement(
                    actions=[
                        "logs:CreateLogGroup",
                        "logs:CreateLogStream",
                        "logs:DescribeLogStreams",
                        "logs:PutLogEvents",
                    ],
                    # IAM names a group with and without ":*", depending on the action.
                    resources=[studio_logs, f"{studio_logs}:*"],
                ),
            ],
        )
        acknowledge_wildcards(
            policy,
            "Objects by prefix, executions of the one state machine, streams of Studio's group.",
            resources=[raw, runs, executions, f"{studio_logs}:*"],
        )
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"),
            managed_policies=[policy],
        )

    def allow_studio(self, domain: sagemaker.CfnDomain) -> None:
        """Allow what Studio's own pages call to list, start and stop the spaces of `domain`."""
        domain_id = domain.attr_domain_id
        apps, spaces, users = (
            self._arn("sagemaker", kind, f"{domain_id}/*")
            for kind in ("app", "space", "user-profile")
        )
        policy = iam.ManagedPolicy(
            self,
            "StudioPolicy",
            roles=[self.role],
            statements=[
                iam.PolicyStatement(
                    actions=[
                        "sagemaker:ListApps",
                        "sagemaker:ListDomains",
                        "sagemaker:ListSpaces",
                        "sagemaker:ListUserProfiles",
                    ],
                    resources=["*"],
                ),
                iam.PolicyStatement(
                    actions=["sagemaker:DescribeDomain"], resources=[domain.attr_domain_arn]
                ),
                iam.PolicyStatement(
                    actions=[
                        "sagemaker:CreateApp",
                        "sagemaker:DeleteApp",
                        "sagemaker:DescribeApp",
                    ],
                    resources=[apps],
                ),
                iam.PolicyStatement(
                    actions=[
                        "sagemaker:CreateSpace",
                        "sagemaker:UpdateSpace",
                        "sagemaker:DeleteSpace",
                        "sagemaker:DescribeSpace",
                    ],
                    resources=[spaces],
                ),
                iam.PolicyStatement(actions=["sagemaker:AddTags"], resources=[apps, spaces]),
                iam.PolicyStatement(actions=["sagemaker:DescribeUserProfile"], resources=[users]),
            ],
        )
        acknowledge_wildcards(
            policy,
            "The lists know no resource; the others are of this deployment's own domain.",
            resources=["*", apps, spaces, users],
        )

    def _arn(self, service: str, kind: str, name: str, *, colon: bool = False) -> str:
        return Stack.of(self).format_arn(
            service=service,
            resource=kind,
            resource_name=name,
            arn_format=ArnFormat.COLON_RESOURCE_NAME if colon else ArnFormat.SLASH_RESOURCE_NAME,
        )
