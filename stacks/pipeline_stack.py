"""The Pipeline stack: the task functions, the state machine and the topic that failures go to."""

from collections.abc import Mapping

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from contract import names
from stacks import arns
from stacks.assets import LayerPlatform
from stacks.drain_runs import DrainRuns
from stacks.failure_topic import FailureTopic
from stacks.fm_image import FmImage
from stacks.nag import acknowledge, acknowledge_wildcards
from stacks.settings import Settings
from stacks.state_machine import Definition
from stacks.statements import allow, pass_role
from stacks.task_functions import TaskFunctions

_OTHER_MINUTES = 12 * 60  # of an execution: its functions, and what they wait for


class PipelineStack(Stack):
    """Turns interactions into a live endpoint, one execution at a time."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        layer_platform: LayerPlatform,
        bucket: s3.IBucket,
        execution_role: iam.IRole,
        serving_role: iam.IRole,
    ) -> None:
        super().__init__(scope, construct_id)
        topic = FailureTopic(self, "Failures", email=settings.failure_email)
        self.functions = TaskFunctions(
            self,
            "Tasks",
            settings=settings,
            layer_platform=layer_platform,
            bucket=bucket,
            serving_role_arn=serving_role.role_arn,
            failure_topic=topic,
        )
        self.state_machine = self._state_machine(
            settings, self.functions.by_state, execution_role.role_arn
        )
        self._allow_training(settings.name, execution_role.role_arn)
        DrainRuns(
            self,
            "DrainRuns",
            deployment=settings.name,
            state_machine=self.state_machine,
            after=[self.functions],
        )
        CfnOutput(self, names.STATE_MACHINE_OUTPUT, value=self.state_machine.state_machine_arn)
        CfnOutput(self, "FailureTopicArn", value=topic.topic_arn)

    def _state_machine(
        self, settings: Settings, functions: Mapping[str, lambda_.IFunction], role_arn: str
    ) -> sfn.StateMachine:
        definition = Definition(
            self,
            "Definition",
            settings=settings,
            functions=functions,
            image_uri=FmImage(self, "Image").uri,
            execution_role_arn=role_arn,
        )
        machine = sfn.StateMachine(
            self,
            "StateMachine",
            state_machine_name=settings.name,
            definition_body=sfn.DefinitionBody.from_chainable(definition.start),
            timeout=Duration.minutes(
                _OTHER_MINUTES
                + 2 * settings.training.max_runtime_minutes
                + 6 * settings.endpoint.roll_out_minutes  # twice waited for another's, and two own
            ),
            tracing_enabled=True,
        )
        acknowledge(
            machine,
            "SF1",
            "Log delivery would leave a log resource policy in the account; the execution's "
            "history holds every state for 90 days.",
        )
        policy = machine.role.node.find_child("DefaultPolicy")
        acknowledge(
            policy,
            "IAM5[Resource::*]",
            "X-Ray has no resources to name (Step Functions' documentation).",
        )
        acknowledge_wildcards(
            policy,
            "The CDK allows any version of this one function.",
            resources=[f"{function.function_arn}:*" for function in functions.values()],
        )
        return machine

    def _allow_training(self, deployment: str, execution_role_arn: str) -> None:
        """Grant what `createTrainingJob.sync` needs: the job, its tags, its end as an event.

        https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html
        """
        jobs = arns.training_jobs(self, deployment)
        rule = "StepFunctionsGetEventsForSageMakerTrainingJobsRule"
        statements = [
            allow(
                "sagemaker:CreateTrainingJob",
                "sagemaker:DescribeTrainingJob",
                "sagemaker:StopTrainingJob",
                "sagemaker:AddTags",
                "sagemaker:ListTags",
                on=[jobs],
            ),
            allow(
                "events:PutTargets",
                "events:PutRule",
                "events:DescribeRule",
                on=[arns.arn(self, "events", "rule", rule)],
            ),
            pass_role(execution_role_arn, to="sagemaker.amazonaws.com"),
        ]
        for statement in statements:
            self.state_machine.add_to_role_policy(statement)
        acknowledge_wildcards(
            self.state_machine.role.node.find_child("DefaultPolicy"),
            "A job's name carries its execution's hash and can never be used twice.",
            resources=[jobs],
        )
