"""The clean-up resource that ends what runs, before anything that it runs on is deleted."""

from collections.abc import Sequence

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct, IDependable

from contract import names
from contract.cleanup_properties import DrainRunsProperties
from stacks import arns
from stacks.cleanup_provider import CleanupProvider
from stacks.lab_permissions import lab_deletion_statements
from stacks.nag import acknowledge_wildcards
from stacks.statements import allow, wildcards


class DrainRuns(Construct):
    """Ends executions, training jobs and the lab's endpoints before any of `after` is deleted.

    Place it in the stack of the state machine, with its task functions in `after`.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: str,
        state_machine: sfn.IStateMachine,
        after: Sequence[IDependable],
    ) -> None:
        super().__init__(scope, construct_id)
        serving_stack = names.stack_name(deployment, "serving")
        machine_arn = state_machine.state_machine_arn
        statements = [
            allow("states:ListExecutions", on=[machine_arn]),
            allow("states:StopExecution", on=[arns.executions(self, deployment)]),
            allow("sagemaker:ListTrainingJobs", on=["*"]),
            allow("sagemaker:StopTrainingJob", on=arns.all_training_jobs(self, deployment)),
            *lab_deletion_statements(self, deployment),
            allow("cloudformation:DescribeStacks", on=[arns.stack(self, serving_stack)]),
        ]
        provider = CleanupProvider(self, "Drain", module="drain_runs", statements=statements)
        acknowledge_wildcards(
            provider.policy,
            "SageMaker's List actions have no resources; the others are named by the deployment.",
            resources=wildcards(statements),
        )
        properties: DrainRunsProperties = {
            "Name": deployment,
            "StateMachineArn": machine_arn,
            "ServingStackName": serving_stack,
        }
        self.resource = provider.resource(
            "Resource",
            resource_type="Custom::DrainRuns",
            properties=properties,
            after=[state_machine, *after],
        )
