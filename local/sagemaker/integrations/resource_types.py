"""The CloudFormation types of SageMaker: what each is made of, as its resource schema says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Description = Mapping[str, Any]


@dataclass(frozen=True)
class ResourceType:
    """How CloudFormation handles one type through the service's operations.

    Args:
        noun: what the operations are called after (`Create` + noun...).
        arn: the describing member that holds the ARN.
        identity: the members that name a resource, in the order that Ref joins them by "|".
        attributes: what Fn::GetAtt gives, by the describing member of the same name.
        replacing: the properties whose change makes a new resource.
        ref: the member that Ref gives, if it is not the identity.
        named: the property that gets a generated name when the template gives none.
        status: the describing member with the status, of types that take time.
        updatable: whether the service has an operation that updates it.
    """

    noun: str
    arn: str
    identity: tuple[str, ...]
    attributes: tuple[str, ...]
    replacing: tuple[str, ...]
    ref: str | None = None
    named: str | None = None
    status: str | None = None
    updatable: bool = False
    gone: tuple[str, ...] = field(default=())

    @property
    def is_named_by_template(self) -> bool:
        """Whether what names a resource are properties of a template."""
        return set(self.identity) <= set(self.replacing)

    def reference(self, description: Description) -> str:
        """What Ref gives."""
        if self.ref:
            return str(description[self.ref])
        return "|".join(str(description[member]) for member in self.identity)

    def request(self, reference: str) -> dict[str, str]:
        """The members that name the resource of a Ref in a request."""
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
        named="ModelName",
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
        named="EndpointConfigName",
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
        named="EndpointName",
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
