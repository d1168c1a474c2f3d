"""The clean-up resources: what `lambda/cleanup` does, wired into the order of deletion.

CloudFormation deletes a resource before what it depends on. A clean-up that must run before others
are deleted depends on them; one that must run after them is what they depend on.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_ssm as ssm
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct, IConstruct, IDependable

from stacks.cleanup_provider import CleanupProvider
from stacks.nag import acknowledge_wildcards

# SageMaker puts it on the file system that it makes for a domain; its value is the domain's ARN.
MANAGED_TAG = "aws:ResourceTag/ManagedByAmazonSageMakerResource"


class DrainRuns(Construct):
    """Ends executions and training jobs before any of `after` is deleted.

    Place it in the stack of the state machine, with its task functions in `after`.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: str,
        state_machine: sfn.IStateMachine,
        serving_stack_name: str,
        after: Sequence[IDependable],
    ) -> None:
        super().__init__(scope, construct_id)
        arns = _Arns(self)
        executions = arns.of("states", "execution", f"{deployment}:*", separator=":")
        jobs = arns.of("sagemaker", "training-job", f"{deployment}-train-*")
        serving = arns.of("cloudformation", "stack", f"{serving_stack_name}/*")
        provider = CleanupProvider(
            self,
            "Drain",
            module="drain_runs",
            statements=[
                _allow("states:ListExecutions", on=[state_machine.state_machine_arn]),
                _allow("states:StopExecution", on=[executions]),
                _allow("sagemaker:ListTrainingJobs", on=["*"]),
                _allow("sagemaker:StopTrainingJob", on=[jobs]),
                _allow("cloudformation:DescribeStacks", on=[serving]),
            ],
        )
        acknowledge_wildcards(
            provider.policy,
            "ListTrainingJobs knows no resource; the others are named by the deployment.",
            resources=["*", executions, jobs, serving],
        )
        self.resource = provider.resource(
            "Resource",
            resource_type="Custom::DrainRuns",
            properties={
                "Name": deployment,
                "StateMachineArn": state_machine.state_machine_arn,
                "ServingStackName": serving_stack_name,
            },
            after=[state_machine, *after],
        )


class DrainDomain(Construct):
    """Empties the domain before CloudFormation deletes its own space, user profile and domain.

    It is placed twice with the same duty. The inner one follows the domain at once, so that what
    SageMaker made is written down even if a profile or space then fails to be created, and what
    turns up while those are deleted is deleted too. The outer one follows the space.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        domain: sagemaker.CfnDomain,
        records: ssm.IStringParameter,
    ) -> None:
        super().__init__(scope, construct_id)
        self._domain_id = domain.attr_domain_id
        self._records = records
        arns = _Arns(self)
        contents = [
            arns.of("sagemaker", kind, f"{self._domain_id}/*")
            for kind in ("app", "space", "user-profile")
        ]
        list_contents = ["sagemaker:ListApps", "sagemaker:ListSpaces", "sagemaker:ListUserProfiles"]
        self._provider = CleanupProvider(
            self,
            "Drain",
            module="drain",
            statements=[
                _allow("sagemaker:DescribeDomain", on=[domain.attr_domain_arn]),
                _allow(*list_contents, "ec2:DescribeSecurityGroups", on=["*"]),
                _allow("sagemaker:DeleteApp", on=contents[:1]),
                _allow("sagemaker:DeleteSpace", on=contents[1:2]),
                _allow("sagemaker:DeleteUserProfile", on=contents[2:]),
                _allow("ssm:GetParameter", "ssm:PutParameter", on=[records.parameter_arn]),
            ],
        )
        acknowledge_wildcards(
            self._provider.policy,
            "The lists know no resource; whatever is in this deployment's domain must go.",
            resources=["*", *contents],
        )
        self.inner = self._place("Inner", keep_spaces=[], keep_user_profiles=[], after=[domain])

    def add_outer(
        self, *, user_profile: sagemaker.CfnUserProfile, space: sagemaker.CfnSpace
    ) -> None:
        """Drain before CloudFormation deletes these two, and leave them to it."""
        self._place(
            "Outer",
            keep_spaces=[space.space_name],
            keep_user_profiles=[user_profile.user_profile_name],
            after=[self.inner, user_profile, space],
        )

    def _place(
        self,
        stage: str,
        *,
        keep_spaces: Sequence[str],
        keep_user_profiles: Sequence[str],
        after: Sequence[IDependable],
    ) -> IDependable:
        return self._provider.resource(
            stage,
            resource_type="Custom::DrainDomain",
            properties={
                "Stage": stage.lower(),
                "DomainId": self._domain_id,
                "RecordParameter": self._records.parameter_name,
                "KeepSpaces": keep_spaces,
                "KeepUserProfiles": keep_user_profiles,
            },
            after=[*after, self._records],
        )


class Sweep(Construct):
    """Deletes what SageMaker leaves behind: `resource` must be what the domain depends on."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: str,
        vpc: ec2.IVpc,
        records: ssm.IStringParameter,
    ) -> None:
        super().__init__(scope, construct_id)
        statements = [
            _allow("ssm:GetParameter", on=[records.parameter_arn]),
            *self._network_statements(vpc),
            *self._trace_statements(deployment),
        ]
        provider = CleanupProvider(self, "Sweep", module="sweep", statements=statements)
        wildcards = [arn for statement in statements for arn in statement.resources]
        acknowledge_wildcards(
            provider.policy,
            "The ids are SageMaker's and not known yet: the VPC, the tag of a domain and the "
            "deployment's name are the limits. The lists know no resource.",
            resources=[arn for arn in wildcards if "*" in arn],
        )
        self.resource = provider.resource(
            "Resource",
            resource_type="Custom::Sweep",
            properties={"Name": deployment, "RecordParameter": records.parameter_name},
            after=[vpc, records],
        )

    def _network_statements(self, vpc: ec2.IVpc) -> list[iam.PolicyStatement]:
        arns = _Arns(self)
        file_systems = arns.of("elasticfilesystem", "file-system", "*")
        domains = arns.of("sagemaker", "domain", "*")
        groups = arns.of("ec2", "security-group", "*")
        rules = arns.of("ec2", "security-group-rule", "*")
        interfaces = arns.of("ec2", "network-interface", "*")
        revoke = ["ec2:RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress"]
        in_vpc = {"ec2:Vpc": vpc.vpc_arn}
        return [
            _allow("sagemaker:DescribeDomain", on=[domains]),
            _allow(
                "elasticfilesystem:DescribeFileSystems",
                "elasticfilesystem:DescribeMountTargets",
                on=[file_systems],
            ),
            _allow(
                "elasticfilesystem:DeleteMountTarget",
                "elasticfilesystem:DeleteFileSystem",
                on=[file_systems],
                StringLike={MANAGED_TAG: domains},
            ),
            # EFS deletes a mount target's network interface with the caller's permission.
            _allow("ec2:DeleteNetworkInterface", on=[interfaces], ArnEquals=in_vpc),
            _allow("ec2:DescribeSecurityGroups", "ec2:DescribeSecurityGroupRules", on=["*"]),
            _allow(*revoke, "ec2:DeleteSecurityGroup", on=[groups], ArnEquals=in_vpc),
            # A rule named by its id is asked for besides its group, which is the limit.
            _allow(*revoke, on=[rules]),
        ]

    def _trace_statements(self, deployment: str) -> list[iam.PolicyStatement]:
        arns = _Arns(self)
        logs = "/aws/sagemaker/"
        training, studio, endpoint = (
            arns.of("logs", "log-group", logs + group, separator=":")
            for group in ("TrainingJobs", "studio", f"Endpoints/{deployment}")
        )
        # IAM names a group with and without ":*", depending on the action.
        groups = [f"{arn}{end}" for arn in (training, studio, endpoint) for end in ("", ":*")]
        job_streams = f"{training}:log-stream:{deployment}-train-*"
        studio_streams = f"{studio}:log-stream:d-*"
        jobs = arns.of("sagemaker", "training-job", f"{deployment}-train-*")
        return [
            _allow("sagemaker:ListTrainingJobs", on=["*"]),
            _allow("sagemaker:DeleteTrainingJob", on=[jobs]),
            _allow("logs:DescribeLogStreams", on=groups),
            _allow("logs:DeleteLogStream", on=[job_streams, studio_streams]),
            _allow("logs:DeleteLogGroup", on=groups[-2:]),
        ]


class _Arns:
    """Writes ARNs of this account and region."""

    def __init__(self, construct: IConstruct) -> None:
        self._stack = Stack.of(construct)

    def of(self, service: str, kind: str, name: str, *, separator: str = "/") -> str:
        colon = separator == ":"
        return self._stack.format_arn(
            service=service,
            resource=kind,
            resource_name=name,
            arn_format=ArnFormat.COLON_RESOURCE_NAME if colon else ArnFormat.SLASH_RESOURCE_NAME,
        )


def _allow(
    *actions: str, on: Sequence[str], **conditions: Mapping[str, Any]
) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=list(actions), resources=list(on), conditions=conditions)
