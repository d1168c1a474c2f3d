"""The clean-up resources that empty the domain before CloudFormation deletes it."""

from collections.abc import Sequence
from typing import Literal

from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_ssm as ssm
from constructs import Construct, IDependable

from contract.cleanup_properties import DrainDomainProperties
from stacks import arns
from stacks.cleanup_provider import CleanupProvider
from stacks.nag import acknowledge_wildcards
from stacks.statements import allow, wildcards


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
        statements = self._statements(domain.attr_domain_arn)
        self._provider = CleanupProvider(
            self, "Drain", module="drain_domain", statements=statements
        )
        acknowledge_wildcards(
            self._provider.policy,
            "The List actions have no resources; whatever is in this deployment's domain must go.",
            resources=wildcards(statements),
        )
        self.inner = self._place("inner", keep_spaces=[], keep_user_profiles=[], after=[domain])

    def add_outer(
        self, *, user_profile: sagemaker.CfnUserProfile, space: sagemaker.CfnSpace
    ) -> None:
        """Drain before CloudFormation deletes these two, and leave them to it."""
        self._place(
            "outer",
            keep_spaces=[space.space_name],
            keep_user_profiles=[user_profile.user_profile_name],
            after=[self.inner, user_profile, space],
        )

    def _statements(self, domain_arn: str) -> list[iam.PolicyStatement]:
        app, space, user_profile = (
            arns.arn(self, "sagemaker", kind, f"{self._domain_id}/*")
            for kind in ("app", "space", "user-profile")
        )
        lists = ["sagemaker:ListApps", "sagemaker:ListSpaces", "sagemaker:ListUserProfiles"]
        return [
            allow("sagemaker:DescribeDomain", on=[domain_arn]),
            allow(*lists, "ec2:DescribeSecurityGroups", on=["*"]),
            allow("sagemaker:DeleteApp", on=[app]),
            allow("sagemaker:DeleteSpace", on=[space]),
            allow("sagemaker:DeleteUserProfile", on=[user_profile]),
            allow("ssm:GetParameter", "ssm:PutParameter", on=[self._records.parameter_arn]),
        ]

    def _place(
        self,
        stage: Literal["inner", "outer"],
        *,
        keep_spaces: Sequence[str],
        keep_user_profiles: Sequence[str],
        after: Sequence[IDependable],
    ) -> IDependable:
        properties: DrainDomainProperties = {
            "Stage": stage,
            "DomainId": self._domain_id,
            "RecordParameter": self._records.parameter_name,
            "KeepSpaces": keep_spaces,
            "KeepUserProfiles": keep_user_profiles,
        }
        return self._provider.resource(
            stage.capitalize(),
            resource_type="Custom::DrainDomain",
            properties=properties,
            after=[*after, self._records],
        )
