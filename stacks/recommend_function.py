"""The recommend function: the live model's recommendations over an IAM-authorised URL."""

from collections.abc import Mapping, Sequence

from aws_cdk import CfnOutput, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.settings import Functions
from stacks.task_function import TaskFunction


class RecommendFunction(Construct):
    """Runs `tasks.recommend`; who may call it is said by IAM (lambda:InvokeFunctionUrl)."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        code: lambda_.Code,
        layer: lambda_.ILayerVersion,
        functions: Functions,
        environment: Mapping[str, str],
        statements: Sequence[iam.PolicyStatement],
    ) -> None:
        super().__init__(scope, construct_id)
        task = TaskFunction(
            self,
            "Task",
            module="recommend",
            code=code,
            layer=layer,
            functions=functions,
            environment=environment,
            statements=statements,
            # A cold start loads the model; a function URL gives up after 15 minutes.
            timeout=Duration.minutes(2),
        )
        self.policy = task.policy
        url = task.function.add_function_url(auth_type=lambda_.FunctionUrlAuthType.AWS_IAM)
        for name, value in (
            ("RecommendUrl", url.url),
            ("RecommendFunctionName", task.function.function_name),
        ):
            CfnOutput(self, name, value=value).override_logical_id(name)
