"""The role of training jobs and of the endpoint's container."""

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.fm_image import FmImage
from stacks.nag import acknowledge_wildcards


class ExecutionRole(Construct):
    """Reads and writes this deployment's data, writes its own logs and metrics, pulls the image."""

    def __init__(
        self, scope: Construct, construct_id: str, *, deployment: str, bucket: s3.IBucket
    ) -> None:
        super().__init__(scope, construct_id)
        # Exported at once: cdk-nag's names need the import that CDK would write only at synth.
        bucket_arn = Stack.of(bucket).export_value(bucket.bucket_arn)
        objects = [f"{bucket_arn}/{prefix}/*" for prefix in ("raw", "runs")]
        groups = [
            # IAM names a group with and without ":*", depending on the action.
            self._log_group(name) + end
            for name in ("TrainingJobs", f"Endpoints/{deployment}")
            for end in ("", ":*")
        ]
        self.policy = iam.ManagedPolicy(
            self,
            "Policy",
            statements=[
                iam.PolicyStatement(actions=["s3:GetObject", "s3:PutObject"], resources=objects),
                iam.PolicyStatement(
                    actions=["s3:ListBucket", "s3:GetBucketLocation"], resources=[bucket_arn]
                ),
                iam.PolicyStatement(
                    actions=[
                        "logs:CreateLogGroup",
                        "logs:CreateLogStream",
                        "logs:DescribeLogStreams",
                        "logs:PutLogEvents",
                    ],
                    resources=groups,
                ),
                iam.PolicyStatement(
                    actions=["cloudwatch:PutMetricData"],
                    resources=["*"],
                    conditions={"StringLike": {"cloudwatch:namespace": "/aws/sagemaker/*"}},
                ),
                *self._image_statements(),
            ],
        )
        acknowledge_wildcards(
            self.policy,
            "Objects by prefix, streams by group; PutMetricData and GetAuthorizationToken know no "
            "resource.",
            resources=["*", *objects, *groups[1::2]],
        )
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"),
            managed_policies=[self.policy],
        )

    def _image_statements(self) -> list[iam.PolicyStatement]:
        return [
            iam.PolicyStatement(actions=["ecr:GetAuthorizationToken"], resources=["*"]),
            iam.PolicyStatement(
                actions=[
                    "ecr:BatchCheckLayerAvailability",
                    "ecr:GetDownloadUrlForLayer",
                    "ecr:BatchGetImage",
                ],
                resources=[FmImage(self, "Image").repository_arn],
            ),
        ]

    def _log_group(self, name: str) -> str:
        return Stack.of(self).format_arn(
            service="logs",
            resource="log-group",
            resource_name=f"/aws/sagemaker/{name}",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
