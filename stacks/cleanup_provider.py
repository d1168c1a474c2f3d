"""The functions behind clean-up resources: handlers, CDK's provider framework, one log group."""

from collections.abc import Mapping, Sequence

from aws_cdk import CustomResource, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import custom_resources as cr
from constructs import Construct, IDependable

from stacks import assets
from stacks.lambda_runtime import ARCHITECTURE, RUNTIME
from stacks.nag import acknowledge, acknowledge_wildcards
from stacks.statements import write_logs

_POLL = Duration.seconds(10)
_HOUR = Duration.hours(1)  # the most that the provider framework and CloudFormation wait


class CleanupProvider(Construct):
    """Runs `cleanup.<module>`'s `on_event`, then `is_complete` until it is done, an hour at most.

    Every function writes to the one log group declared here and none may create one, or a last
    line written during destroy would bring a deleted group back.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        module: str,
        statements: Sequence[iam.PolicyStatement],
    ) -> None:
        super().__init__(scope, construct_id)
        self._log_group = logs.LogGroup(
            self,
            "Logs",
            retention=logs.RetentionDays.ONE_WEEK,
            removal_policy=RemovalPolicy.DESTROY,
        )
        # A managed policy: CloudFormation may take an inline one away before the last call.
        self._write_logs = write_logs(self._log_group.log_group_arn)
        self.policy = iam.ManagedPolicy(self, "Policy", statements=[self._write_logs, *statements])
        role = self._role("Role", self.policy)
        on_event = self._function("OnEvent", f"cleanup.{module}.on_event", role)
        is_complete = self._function("IsComplete", f"cleanup.{module}.is_complete", role)
        self._provider = self._framework(on_event, is_complete)

    def resource(
        self,
        construct_id: str,
        *,
        resource_type: str,
        properties: Mapping[str, object],
        after: Sequence[IDependable],
    ) -> CustomResource:
        """Add a resource that is created after, and cleaned up before, each of `after`."""
        resource = CustomResource(
            self,
            construct_id,
            service_token=self._provider.service_token,
            resource_type=resource_type,
            properties=dict(properties),
            service_timeout=_HOUR,
        )
        resource.node.add_dependency(self.policy, *after)
        return resource

    def _framework(self, on_event: lambda_.Function, is_complete: lambda_.Function) -> cr.Provider:
        write_logs = iam.ManagedPolicy(self, "FrameworkPolicy", statements=[self._write_logs])
        roles = [self._role(name, write_logs) for name in ("FrameworkRole", "WaiterRole")]
        provider = cr.Provider(
            self,
            "Provider",
            on_event_handler=on_event,
            is_complete_handler=is_complete,
            query_interval=_POLL,
            total_timeout=_HOUR,
            log_group=self._log_group,
            framework_on_event_role=roles[0],
            framework_complete_and_timeout_role=roles[1],
        )
        self._acknowledge_framework(provider, roles, (on_event, is_complete))
        return provider

    def _acknowledge_framework(
        self,
        provider: cr.Provider,
        roles: Sequence[iam.Role],
        handlers: Sequence[lambda_.Function],
    ) -> None:
        reason = "CDK's provider framework invokes its handlers by every version, as grants do."
        versions = [f"{handler.function_arn}:*" for handler in handlers]
        for role in roles:
            acknowledge_wildcards(role, reason, resources=versions)
        waiter = provider.node.find_child("waiter-state-machine")
        framework = [
            provider.node.find_child(f"framework-{name}") for name in ("isComplete", "onTimeout")
        ]
        acknowledge_wildcards(
            waiter.node.find_child("Role"),
            reason,
            resources=[f"{f.function_arn}:*" for f in framework if isinstance(f, lambda_.Function)],
        )
        no_logs = "Step Functions would keep a log resource policy in the account after destroy."
        acknowledge(waiter, "SF1", no_logs)
        acknowledge(waiter, "SF2", "CDK's waiter offers no tracing, and has one state to trace.")

    def _function(self, construct_id: str, handler: str, role: iam.IRole) -> lambda_.Function:
        return lambda_.Function(
            self,
            construct_id,
            runtime=RUNTIME,
            architecture=ARCHITECTURE,
            handler=handler,
            code=lambda_.Code.from_asset(str(assets.cleanup_code())),
            layers=[_packages(Stack.of(self))],
            role=role,
            log_group=self._log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            timeout=Duration.minutes(5),
            memory_size=256,
        )

    def _role(self, construct_id: str, policy: iam.ManagedPolicy) -> iam.Role:
        return iam.Role(
            self,
            construct_id,
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            managed_policies=[policy],
        )


def _packages(stack: Stack) -> lambda_.ILayerVersion:
    """Return the stack's one layer with a boto3 that knows all that the clean-up calls.

    The runtime's own may be too old: `delete_training_job` is there since botocore 1.40.61.
    """
    construct_id = "CleanupPackages"
    made = stack.node.try_find_child(construct_id)
    if isinstance(made, lambda_.LayerVersion):
        return made
    return lambda_.LayerVersion(
        stack,
        construct_id,
        code=lambda_.Code.from_asset(str(assets.cleanup_layer())),
        compatible_runtimes=[RUNTIME],
        compatible_architectures=[ARCHITECTURE],
    )
