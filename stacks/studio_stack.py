"""The Studio stack: network, domain, user profile, JupyterLab space and lab, roles, clean-up.

Created in this order, and deleted in the opposite one:
network, records, the user's role, Sweep, the lab's script, domain, inner Drain, user profile,
space, outer Drain.
"""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm
from constructs import Construct

from contract import names
from stacks.domain import StudioDomain
from stacks.drain_domain import DrainDomain
from stacks.execution_role import ExecutionRole
from stacks.lab import Lab
from stacks.network import Network
from stacks.serving_role import ServingRole
from stacks.settings import Settings
from stacks.studio_role import StudioRole
from stacks.sweep import Sweep


class StudioStack(Stack):
    """Composes the lab and what takes it down, and the roles that outlive the Serving stack.

    Attributes:
        execution_role: The role of training jobs and of the endpoint.
        serving_role: The role that CloudFormation assumes to update the Serving stack.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        bucket: s3.IBucket,
    ) -> None:
        super().__init__(scope, construct_id)
        name = settings.name
        self.execution_role: iam.IRole = ExecutionRole(
            self, "Execution", deployment=name, bucket=bucket
        ).role
        self.serving_role: iam.IRole = ServingRole(
            self,
            "ServingRole",
            deployment=name,
            execution_role=self.execution_role,
            endpoint=settings.endpoint,
        ).role
        vpc = Network(self, "Network").vpc
        records = ssm.StringParameter(
            self,
            "Records",
            # Named, so that its ARN is known however an account would have generated the name.
            parameter_name=f"{names.parameter_prefix(name)}studio-records",
            description="What SageMaker made around the domain: Drain writes it, Sweep reads it.",
            string_value="[]",
        )
        lab = Lab(self, "Lab", settings=settings, bucket=bucket)
        user = StudioRole(self, "User", settings=settings, bucket=bucket, kit=lab.kit)
        sweep = Sweep(self, "Sweep", deployment=name, vpc=vpc, records=records, user_role=user.role)
        studio = StudioDomain(
            self,
            "Studio",
            deployment=name,
            settings=settings.studio,
            vpc=vpc,
            role=user.role,
            lifecycle_config=lab.lifecycle_config,
        )
        # Sweep takes what these two leave behind.
        for resource in (studio.domain, lab.lifecycle_config):
            resource.node.add_dependency(sweep.resource)
        user.allow_studio(studio.domain)
        drain = DrainDomain(self, "Drain", domain=studio.domain, records=records)
        profile, space = studio.add_space()
        profile.node.add_dependency(drain.inner)
        drain.add_outer(user_profile=profile, space=space)
