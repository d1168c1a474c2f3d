"""The Studio domain with one user profile and one JupyterLab space, which opens the lab."""

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from contract import names
from stacks.settings import Studio


class StudioDomain(Construct):
    """A domain that stops its idle apps; the space and profile follow with `add_space`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: str,
        settings: Studio,
        vpc: ec2.IVpc,
        role: iam.IRole,
        lifecycle_config: sagemaker.CfnStudioLifecycleConfig,
    ) -> None:
        super().__init__(scope, construct_id)
        self._deployment = deployment
        self._settings = settings
        self._lifecycle_config = lifecycle_config
        self.domain = sagemaker.CfnDomain(
            self,
            "Domain",
            domain_name=deployment,
            auth_mode="IAM",
            app_network_access_type="PublicInternetOnly",
            vpc_id=vpc.vpc_id,
            subnet_ids=[subnet.subnet_id for subnet in vpc.isolated_subnets],
            tag_propagation="ENABLED",
            default_user_settings=sagemaker.CfnDomain.UserSettingsProperty(
                execution_role=role.role_arn,
                default_landing_uri="studio::",
                studio_web_portal="ENABLED",
                jupyter_lab_app_settings=self._jupyter_lab_settings(),
            ),
        )

    def add_space(self) -> tuple[sagemaker.CfnUserProfile, sagemaker.CfnSpace]:
        """Add the user profile and its private JupyterLab space."""
        domain_id = self.domain.attr_domain_id
        profile = sagemaker.CfnUserProfile(
            self,
            "UserProfile",
            domain_id=domain_id,
            user_profile_name=names.user_profile_name(self._deployment),
        )
        space = sagemaker.CfnSpace(
            self,
            "Space",
            domain_id=domain_id,
            space_name=names.space_name(self._deployment),
            ownership_settings=sagemaker.CfnSpace.OwnershipSettingsProperty(
                owner_user_profile_name=profile.user_profile_name
            ),
            space_sharing_settings=sagemaker.CfnSpace.SpaceSharingSettingsProperty(
                sharing_type="Private"
            ),
            # UpdateSpace may refuse an AppType, even the one that the space has: whatever a
            # deployment may change is in the domain's settings, which every start reads.
            # https://github.com/boto/boto3/issues/4375
            space_settings=sagemaker.CfnSpace.SpaceSettingsProperty(app_type="JupyterLab"),
        )
        space.node.add_dependency(profile)
        return profile, space

    def _jupyter_lab_settings(self) -> sagemaker.CfnDomain.JupyterLabAppSettingsProperty:
        idle = sagemaker.CfnDomain.IdleSettingsProperty(
            lifecycle_management="ENABLED",
            idle_timeout_in_minutes=self._settings.idle_timeout_minutes,
        )
        return sagemaker.CfnDomain.JupyterLabAppSettingsProperty(
            # Runs at each start of each space; a default one would be fixed with the space.
            built_in_lifecycle_config_arn=self._lifecycle_config.attr_studio_lifecycle_config_arn,
            default_resource_spec=sagemaker.CfnDomain.ResourceSpecProperty(
                instance_type=self._settings.instance_type
            ),
            app_lifecycle_management=sagemaker.CfnDomain.AppLifecycleManagementProperty(
                idle_settings=idle
            ),
        )
