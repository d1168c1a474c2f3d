"""The role of training jobs and of the endpoint's container."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from contract import s3_layout
from stacks import arns
from stacks.container_permissions import container_statements
from stacks.nag import acknowledge_wildcards
from stacks.statements import wildcards


class ExecutionRole(Construct):
    """Reads and writes this deployment's data, writes its own logs and metrics, pulls the image."""

    def __init__(
        self, scope: Construct, construct_id: str, *, deployment: str, bucket: s3.IBucket
    ) -> None:
        super().__init__(scope, construct_id)
        statements = container_statements(
            self,
            bucket_arn=arns.bucket(bucket),
            folders=[s3_layout.RAW, s3_layout.RUNS],
            endpoints=deployment,
        )
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
