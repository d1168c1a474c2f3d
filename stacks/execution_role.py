"""The role of training jobs and of the endpoint's container."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from contract import log_groups, s3_layout
from stacks import arns
from stacks.fm_image import FmImage
from stacks.nag import acknowledge_wildcards
from stacks.statements import allow, wildcards

_METRICS = "/aws/sagemaker/*"  # the CloudWatch namespaces of SageMaker's containers


class ExecutionRole(Construct):
    """Reads and writes this deployment's data, writes its own logs and metrics, pulls the image."""

    def __init__(
        self, scope: Construct, construct_id: str, *, deployment: str, bucket: s3.IBucket
    ) -> None:
        super().__init__(scope, construct_id)
        bucket_arn = arns.bucket(bucket)
        statements = [
            allow(
                "s3:GetObject",
                "s3:PutObject",
                on=[f"{bucket_arn}/{folder}*" for folder in (s3_layout.RAW, s3_layout.RUNS)],
            ),
            allow("s3:ListBucket", "s3:GetBucketLocation", on=[bucket_arn]),
            allow(
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
                on=[
                    *arns.log_group(self, log_groups.TRAINING_JOBS),
                    *arns.log_group(self, log_groups.endpoint(deployment)),
                ],
            ),
            allow(
                "cloudwatch:PutMetricData",
                on=["*"],
                StringLike={"cloudwatch:namespace": _METRICS},
            ),
            *self._image_statements(),
        ]
        self.policy = iam.ManagedPolicy(self, "Policy", statements=statements)
        acknowledge_wildcards(
            self.policy,
            "Objects by prefix, streams by group; PutMetricData and GetAuthorizationToken have no "
            "resources.",
            resources=wildcards(statements),
        )
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"),
            managed_policies=[self.policy],
        )

    def _image_statements(self) -> list[iam.PolicyStatement]:
        return [
            allow("ecr:GetAuthorizationToken", on=["*"]),
            allow(
                "ecr:BatchCheckLayerAvailability",
                "ecr:GetDownloadUrlForLayer",
                "ecr:BatchGetImage",
                on=[FmImage(self, "Image").repository_arn],
            ),
        ]
