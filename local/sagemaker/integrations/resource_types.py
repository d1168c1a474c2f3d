"""The CloudFormation types of SageMaker, as their resource schemas define them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from local.sagemaker.core.api import Structure


@dataclass(frozen=True)
class ResourceType:
    """How CloudFormation handles one type through the service's operations.

    Attributes:
        noun: what the operations are called after (`Create` + noun...).
        arn: the member of the description that holds the ARN.
        identity: the members that name a resource, in the order in which Ref joins them by "|".
        attributes: what Fn::GetAtt returns: the members of the description of the same names.
        replacing: the properties whose change replaces the resource.
        ref: the member that Ref returns, if it is not the identity.
        name: the property for which a name is generated when the template has none.
        status: the member of the description with the status, for types that take time.
        updatable: whether the service has an operation that updates it.
        gone: the statuses in which a resource counts as deleted.
    """

    noun: str
    arn: str
    identity: tuple[str, ...]
    attributes: tuple[str, ...]
    replacing: tuple[str, ...]
    ref: str | None = None
    name: str | None = None
    status: str | None = None
    updatable: bool = False
    gone: tuple[str, ...] = field(default=())

    @property
    def is_named_by_template(self) -> bool:
        """Whether a template's properties name the resource."""
        return set(self.identity) <= set(self.replacing)

    def reference(self, description: Structure) -> str:
        """Return what Ref returns."""
        if self.ref:
            return str(description[self.ref])
        return "|".join(str(description[member]) for member in self.identity)

    def request(self, reference: str) -> dict[str, str]:
        """Return the members of a request that name the resource of a Ref."""
        if self.ref:
            return {self.identity[0]: reference.rpartition("/")[2]}
        return dict(zip(self.identity, reference.split("|"), strict=True))


TYPES: Mapping[str, ResourceType] = {
    "AWS::SageMaker::Model": ResourceType(
        noun="Model",
        arn="ModelArn",
        identity=("ModelName",),
        ref="ModelArn",
        attributes=("ModelName", "ModelArn"),
        name="ModelName",
        replacing=(
            "Containers",
            "EnableNetworkIsolation",
            "ExecutionRoleArn",
            "InferenceExecutionConfig",
            "ModelName",
            "PrimaryContainer",
            "VpcConfig",
        ),
    ),
    "AWS::SageMaker::EndpointConfig": ResourceType(
        noun="EndpointConfig",
        arn="EndpointConfigArn",
        identity=("EndpointConfigName",),
        ref="EndpointConfigArn",
        attributes=("EndpointConfigName", "EndpointConfigArn"),
        name="EndpointConfigName",
        replacing=(
            "AsyncInferenceConfig",
            "DataCaptureConfig",
            "EnableNetworkIsolation",
            "EndpointConfigName",
            "ExecutionRoleArn",
            "ExplainerConfig",
            "KmsKeyId",
            "MetricsConfig",
            "ProductionVariants",
            "ShadowProductionVariants",
            "VpcConfig",
        ),
    ),
    "AWS::SageMaker::Endpoint": ResourceType(
        noun="Endpoint",
        arn="EndpointArn",
        identity=("EndpointName",),
        ref="EndpointArn",
        attributes=("EndpointName", "EndpointArn"),
        name="EndpointName",
        status="EndpointStatus",
        replacing=("EndpointName",),
        updatable=True,
    ),
    "AWS::SageMaker::Domain": ResourceType(
        noun="Domain",
        arn="DomainArn",
        identity=("DomainId",),
        attributes=(
            "DomainArn",
            "DomainId",
            "HomeEfsFileSystemId",
            "SecurityGroupIdForDomainBoundary",
            "SingleSignOnApplicationArn",
            "SingleSignOnManagedApplicationInstanceId",
            "Url",
        ),
        status="Status",
        replacing=("AuthMode", "DomainName", "KmsKeyId"),
        updatable=True,
    ),
    "AWS::SageMaker::UserProfile": ResourceType(
        noun="UserProfile",
        arn="UserProfileArn",
        identity=("UserProfileName", "DomainId"),
        attributes=("UserProfileArn",),
        status="Status",
        replacing=(
            "DomainId",
            "SingleSignOnUserIdentifier",
            "SingleSignOnUserValue",
            "UserProfileName",
        ),
        updatable=True,
    ),
    "AWS::SageMaker::Space": ResourceType(
        noun="Space",
        arn="SpaceArn",
        identity=("DomainId", "SpaceName"),
        attributes=("SpaceArn", "Url"),
        status="Status",
        replacing=("DomainId", "OwnershipSettings", "SpaceName", "SpaceSharingSettings"),
        updatable=True,
    ),
    "AWS::SageMaker::App": ResourceType(
        noun="App",
        arn="AppArn",
        identity=("AppName", "AppType", "DomainId", "UserProfileName"),
        attributes=("AppArn", "BuiltInLifecycleConfigArn"),
        status="Status",
        replacing=("AppName", "AppType", "DomainId", "ResourceSpec", "UserProfileName"),
        gone=("Deleted",),
    ),
    "AWS::SageMaker::StudioLifecycleConfig": ResourceType(
        noun="StudioLifecycleConfig",
        arn="StudioLifecycleConfigArn",
        identity=("StudioLifecycleConfigName",),
        attributes=("StudioLifecycleConfigArn", "StudioLifecycleConfigName"),
        replacing=(
            "StudioLifecycleConfigAppType",
            "StudioLifecycleConfigContent",
            "StudioLifecycleConfigName",
            "Tags",
        ),
    ),
}
