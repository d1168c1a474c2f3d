"""One state's Lambda function, with a role and a log group of its own."""

from collections.abc import Mapping, Sequence

from aws_cdk import Duration, RemovalPolicy, Size
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.settings import Functions

RUNTIME = lambda_.Runtime.PYTHON_3_14


class TaskFunction(Construct):
    """Runs `tasks.<module>.handler`; what it may do is what `statements` allow."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        module: str,
        code: lambda_.Code,
        layer: lambda_.ILayerVersion,
        functions: Functions,
        environment: Mapping[str, str],
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
            statements=[
                iam.PolicyStatement(
                    actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                    resources=[log_group.log_group_arn],
                ),
                *statements,
            ],
        )
        self.function = lambda_.Function(
            self,
            "Function",
            runtime=RUNTIME,
            architecture=lambda_.Architecture.ARM_64,
            handler=f"tasks.{module}.handler",
            code=code,
            layers=[layer],
            role=self.role,
            log_group=log_group,
            timeout=timeout,
            memory_size=functions.memory_mib,
            ephemeral_storage_size=Size.mebibytes(functions.ephemeral_storage_mib),
            environment=dict(environment),
        )
        # Its first invocation must find the permissions in place.
        self.function.node.add_dependency(self.policy)
