"""A Lambda function that runs one handler, with its role and its log group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aws_cdk import Duration, RemovalPolicy, Size
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.lambda_runtime import ARCHITECTURE, RUNTIME
from stacks.settings import Functions
from stacks.statements import write_logs


@dataclass(frozen=True)
class TaskPackage:
    """What all task functions share.

    Attributes:
        code: The package `tasks` and the libraries that it imports.
        layer: The packages that these depend on.
        functions: Memory and disk.
    """

    code: lambda_.Code
    layer: lambda_.ILayerVersion
    functions: Functions


class TaskFunction(Construct):
    """Runs `tasks.<module>.handler`; what it may do is what `statements` allow."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        module: str,
        package: TaskPackage,
        variables: Mapping[str, str],
        statements: Sequence[iam.PolicyStatement],
        timeout: Duration,
    ) -> None:
        super().__init__(scope, construct_id)
        log_group = logs.LogGroup(
            self,
            "Logs",
            retention=logs.RetentionDays.ONE_WEEK,
            removal_policy=RemovalPolicy.DESTROY,
        )
        # Not AWSLambdaBasicExecutionRole: it may create log groups, so that a last line written
        # during destroy would bring the group back.
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.policy = iam.Policy(
            self,
            "Policy",
            roles=[self.role],
            statements=[write_logs(log_group.log_group_arn), *statements],
        )
        self.function = lambda_.Function(
            self,
            "Function",
            runtime=RUNTIME,
            architecture=ARCHITECTURE,
            handler=f"tasks.{module}.handler",
            code=package.code,
            layers=[package.layer],
            role=self.role,
            log_group=log_group,
            timeout=timeout,
            memory_size=package.functions.memory_mib,
            ephemeral_storage_size=Size.mebibytes(package.functions.ephemeral_storage_mib),
            environment=dict(variables),
        )
        # Its first invocation must find the permissions in place.
        self.function.node.add_dependency(self.policy)
