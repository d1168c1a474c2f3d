"""The recommend function: the live model's recommendations over an IAM-authorised URL."""

from collections.abc import Mapping, Sequence

from aws_cdk import CfnOutput, Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from contract import names
from stacks.task_function import TaskFunction, TaskPackage

MODULE = "recommend"  # of `lambda/tasks`


class RecommendFunction(Construct):
    """Runs `tasks.recommend`; IAM decides who may call it (lambda:InvokeFunctionUrl)."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        package: TaskPackage,
        variables: Mapping[str, str],
        statements: Sequence[iam.PolicyStatement],
    ) -> None:
        super().__init__(scope, construct_id)
        task = TaskFunction(
            self,
            "Task",
            module=MODULE,
            package=package,
            variables=variables,
            statements=statements,
            # A cold start loads the model; a function URL gives up after 15 minutes.
            timeout=Duration.minutes(2),
        )
        self.policy = task.policy
        url = task.function.add_function_url(auth_type=lambda_.FunctionUrlAuthType.AWS_IAM)
        for name, value in (
            (names.RECOMMEND_OUTPUT, url.url),
            ("RecommendFunctionName", task.function.function_name),
        ):
            CfnOutput(self, name, value=value).override_logical_id(name)
