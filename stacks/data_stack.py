"""The Data stack: one bucket, emptied and deleted with the stack."""

from aws_cdk import CfnOutput, CfnResource, Duration, RemovalPolicy, Stack
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from constructs import Construct

from contract import names, s3_layout
from stacks.nag import acknowledge


class DataStack(Stack):
    """Holds what users upload (`raw/`) and what runs write (`runs/`)."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            versioned=True,
            removal_policy=RemovalPolicy.DESTROY,
            auto_delete_objects=True,
            lifecycle_rules=[
                # Only what no run refers to any more: a live model's artifact is a current version.
                s3.LifecycleRule(
                    prefix=s3_layout.RUNS,
                    noncurrent_version_expiration=Duration.days(7),
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                )
            ],
        )
        acknowledge(self.bucket, "S1", "Access logs would need a bucket that outlives this one.")
        self._declare_auto_delete_logs()
        CfnOutput(self, names.BUCKET_OUTPUT, value=self.bucket.bucket_name)

    def _declare_auto_delete_logs(self) -> None:
        """Declare the log group of CDK's emptying function, which would outlive the stack."""
        provider = self.node.find_child("Custom::S3AutoDeleteObjectsCustomResourceProvider")
        log_group = logs.LogGroup(
            self,
            "AutoDeleteLogs",
            retention=logs.RetentionDays.ONE_WEEK,
            removal_policy=RemovalPolicy.DESTROY,
        )
        handler, role = provider.node.find_child("Handler"), provider.node.find_child("Role")
        assert isinstance(handler, CfnResource)  # noqa: S101  tells the type checker
        assert isinstance(role, CfnResource)  # noqa: S101
        handler.add_property_override("LoggingConfig", {"LogGroup": log_group.log_group_name})
        # CDK's managed policy may create log groups: a late line would bring the group back.
        role.add_property_deletion_override("ManagedPolicyArns")
        write = {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": log_group.log_group_arn,
        }
        document = {"Version": "2012-10-17", "Statement": [write]}
        role.add_property_override(
            "Policies", [{"PolicyName": "WriteLogs", "PolicyDocument": document}]
        )
