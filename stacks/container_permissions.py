"""What a role needs so that SageMaker can run training jobs and endpoints with it."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from constructs import Construct

from contract import log_groups
from stacks import arns
from stacks.fm_image import FmImage
from stacks.statements import allow

_METRICS = "/aws/sagemaker/*"  # the CloudWatch namespaces of SageMaker's containers


def container_statements(
    scope: Construct, *, bucket_arn: str, folders: Sequence[str], endpoints: str
) -> list[iam.PolicyStatement]:
    """Return what reads and writes data, writes logs and metrics, and pulls the FM image.

    Args:
        scope: Of the role.
        bucket_arn: The deployment's bucket.
        folders: Those of the bucket's folders that jobs and endpoints read and write.
        endpoints: The name of the endpoints, or the pattern of their names.
    """
    return [
        allow("s3:GetObject", "s3:PutObject", on=[f"{bucket_arn}/{folder}*" for folder in folders]),
        allow("s3:ListBucket", "s3:GetBucketLocation", on=[bucket_arn]),
        allow(
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:DescribeLogStreams",
            "logs:PutLogEvents",
            on=[
                *arns.log_group(scope, log_groups.TRAINING_JOBS),
                *arns.log_group(scope, log_groups.endpoint(endpoints)),
            ],
        ),
        allow("cloudwatch:PutMetricData", on=["*"], StringLike={"cloudwatch:namespace": _METRICS}),
        allow("ecr:GetAuthorizationToken", on=["*"]),
        allow(
            "ecr:BatchCheckLayerAvailability",
            "ecr:GetDownloadUrlForLayer",
            "ecr:BatchGetImage",
            on=[FmImage(scope, "Image").repository_arn],
        ),
    ]
