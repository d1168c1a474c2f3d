"""The role of the person in Studio: what the notebooks do, and what Studio itself asks for."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as s3_assets
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from contract import log_groups, s3_layout
from stacks import arns
from stacks.lab_permissions import lab_statements
from stacks.nag import acknowledge_wildcards
from stacks.settings import Settings
from stacks.statements import allow, wildcards


class StudioRole(Construct):
    """Walks the lab by hand; starts executions, reads their runs, uploads, asks the endpoint."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        bucket: s3.IBucket,
        kit: s3_assets.Asset,
    ) -> None:
        super().__init__(scope, construct_id)
        deployment, bucket_arn = settings.name, arns.bucket(bucket)
        raw, runs = (f"{bucket_arn}/{folder}*" for folder in (s3_layout.RAW, s3_layout.RUNS))
        statements = [
            allow("s3:GetObject", on=[raw, runs]),
            allow("s3:PutObject", on=[raw]),
            allow("s3:ListBucket", on=[bucket_arn]),
            allow("s3:GetObject", on=[kit.bucket.arn_for_objects(kit.s3_object_key)]),
            allow(
                "states:StartExecution",
                on=[arns.arn(self, "states", "stateMachine", deployment)],
            ),
            allow(
                "states:DescribeExecution",
                "states:GetExecutionHistory",
                "states:StopExecution",
                on=[arns.executions(self, deployment)],
            ),
            allow("sagemaker:InvokeEndpoint", on=[arns.endpoint(self, deployment)]),
            allow(
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
                on=arns.log_group(self, log_groups.STUDIO),
            ),
        ]
        policy = iam.ManagedPolicy(self, "Policy", statements=statements)
        acknowledge_wildcards(
            policy,
            "Objects by prefix, executions of the one state machine, streams of Studio's group.",
            resources=wildcards(statements),
        )
        self.role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"),
            managed_policies=[policy],
        )
        self._allow_lab(settings, bucket_arn)

    def _allow_lab(self, settings: Settings, bucket_arn: str) -> None:
        statements = lab_statements(
            self, settings=settings, bucket_arn=bucket_arn, role_arn=self.role.role_arn
        )
        policy = iam.ManagedPolicy(self, "LabPolicy", roles=[self.role], statements=statements)
        acknowledge_wildcards(
            policy,
            "The lab's things by the prefix of their names; the List actions, PutMetricData and "
            "GetAuthorizationToken have no resources.",
            resources=wildcards(statements),
        )

    def allow_studio(self, domain: sagemaker.CfnDomain) -> None:
        """Allow what Studio's own pages call to list, start, open and stop the spaces of `domain`.

        Source:
            https://docs.aws.amazon.com/sagemaker/latest/dg/studio-updated-jl-admin-guide-permissions.html
        """
        domain_id = domain.attr_domain_id
        app, space, user_profile = (
            arns.arn(self, "sagemaker", kind, f"{domain_id}/*")
            for kind in ("app", "space", "user-profile")
        )
        statements = [
            allow(
                "sagemaker:ListApps",
                "sagemaker:ListDomains",
                "sagemaker:ListSpaces",
                "sagemaker:ListUserProfiles",
                on=["*"],
            ),
            allow("sagemaker:DescribeDomain", on=[domain.attr_domain_arn]),
            allow("sagemaker:CreateApp", "sagemaker:DeleteApp", "sagemaker:DescribeApp", on=[app]),
            allow(
                "sagemaker:CreateSpace",
                "sagemaker:UpdateSpace",
                "sagemaker:DeleteSpace",
                "sagemaker:DescribeSpace",
                on=[space],
            ),
            allow("sagemaker:AddTags", on=[app, space]),
            allow(
                "sagemaker:DescribeUserProfile",
                "sagemaker:CreatePresignedDomainUrl",
                on=[user_profile],
            ),
        ]
        policy = iam.ManagedPolicy(self, "StudioPolicy", roles=[self.role], statements=statements)
        acknowledge_wildcards(
            policy,
            "The List actions have no resources; the others are of this deployment's domain.",
            resources=wildcards(statements),
        )
