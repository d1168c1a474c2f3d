"""The clean-up resource that deletes what SageMaker leaves behind when its domain is gone."""

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from contract import log_groups, names
from contract.cleanup_properties import SweepProperties
from stacks import arns
from stacks.cleanup_provider import CleanupProvider
from stacks.lab_permissions import lab_deletion_statements
from stacks.nag import acknowledge_wildcards
from stacks.statements import allow, wildcards


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
        user_role: iam.IRole,
    ) -> None:
        super().__init__(scope, construct_id)
        statements = [
            allow("ssm:GetParameter", "ssm:PutParameter", on=[records.parameter_arn]),
            *self._file_system_statements(),
            *self._network_statements(vpc),
            *self._training_job_statements(deployment),
            *self._lab_statements(deployment),
            *self._log_statements(deployment),
        ]
        provider = CleanupProvider(self, "Sweep", module="sweep", statements=statements)
        acknowledge_wildcards(
            provider.policy,
            "The ids are SageMaker's and not known yet: the VPC, the tag of a domain and the "
            "deployment's name are the limits. The List actions have no resources.",
            resources=wildcards(statements),
        )
        properties: SweepProperties = {
            "Name": deployment,
            "RecordParameter": records.parameter_name,
            "VpcId": vpc.vpc_id,
        }
        self.resource = provider.resource(
            "Resource",
            resource_type="Custom::Sweep",
            properties=properties,
            # SageMaker needs the role of the lab's jobs and endpoints until they are gone.
            after=[vpc, records, user_role],
        )

    def _file_system_statements(self) -> list[iam.PolicyStatement]:
        file_systems = arns.arn(self, "elasticfilesystem", "file-system", "*")
        domains = arns.arn(self, "sagemaker", "domain", "*")
        return [
            allow("sagemaker:DescribeDomain", on=[domains]),
            allow(
                "elasticfilesystem:DescribeFileSystems",
                "elasticfilesystem:DescribeMountTargets",
                on=[file_systems],
            ),
            allow(
                "elasticfilesystem:DeleteMountTarget",
                "elasticfilesystem:DeleteFileSystem",
                on=[file_systems],
                StringLike={f"aws:ResourceTag/{names.MANAGED_TAG}": domains},
            ),
        ]

    def _network_statements(self, vpc: ec2.IVpc) -> list[iam.PolicyStatement]:
        groups = arns.arn(self, "ec2", "security-group", "*")
        rules = arns.arn(self, "ec2", "security-group-rule", "*")
        interfaces = arns.arn(self, "ec2", "network-interface", "*")
        revoke = ["ec2:RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress"]
        in_vpc = {"ec2:Vpc": vpc.vpc_arn}
        return [
            # EFS deletes a mount target's network interface with the caller's permission.
            allow("ec2:DeleteNetworkInterface", on=[interfaces], ArnEquals=in_vpc),
            allow("ec2:DescribeSecurityGroups", "ec2:DescribeSecurityGroupRules", on=["*"]),
            allow(*revoke, "ec2:DeleteSecurityGroup", on=[groups], ArnEquals=in_vpc),
            # EC2 checks a rule that is named by its id besides its group, which is the limit.
            allow(*revoke, on=[rules]),
        ]

    def _training_job_statements(self, deployment: str) -> list[iam.PolicyStatement]:
        return [
            allow("sagemaker:ListTrainingJobs", on=["*"]),
            allow(
                "sagemaker:StopTrainingJob",
                "sagemaker:DeleteTrainingJob",
                on=arns.all_training_jobs(self, deployment),
            ),
        ]

    def _lab_statements(self, deployment: str) -> list[iam.PolicyStatement]:
        configs = arns.of_lab(self, "studio-lifecycle-config", deployment)
        return [
            *lab_deletion_statements(self, deployment),
            allow("sagemaker:ListStudioLifecycleConfigs", on=["*"]),
            allow("sagemaker:DeleteStudioLifecycleConfig", on=[configs]),
        ]

    def _log_statements(self, deployment: str) -> list[iam.PolicyStatement]:
        training, studio, endpoint, lab = (
            arns.log_group(self, name)
            for name in (
                log_groups.TRAINING_JOBS,
                log_groups.STUDIO,
                log_groups.endpoint(deployment),
                log_groups.endpoint(f"{names.lab_prefix(deployment)}*"),
            )
        )
        job_streams = [
            f"{training[0]}:log-stream:{prefix}*"
            for prefix in names.training_job_prefixes(deployment)
        ]
        studio_streams = f"{studio[0]}:log-stream:d-*"  # a domain's streams begin with its id
        return [
            allow("logs:DescribeLogGroups", on=["*"]),
            allow("logs:DescribeLogStreams", on=[*training, *studio]),
            allow("logs:DeleteLogStream", on=[*job_streams, studio_streams]),
            allow("logs:DeleteLogGroup", on=[*endpoint, *lab]),
        ]
