"""What AWS answers about the resources here: of each, only the fields that the clean-up reads."""

import datetime as dt
from collections.abc import Sequence
from typing import NotRequired, TypedDict


class Execution(TypedDict):
    """An entry of Step Functions' ListExecutions; `stopDate` is there once it has ended."""

    executionArn: str
    stopDate: NotRequired[dt.datetime]


class TrainingJob(TypedDict):
    """An entry of SageMaker's ListTrainingJobs."""

    TrainingJobName: str
    TrainingJobStatus: str


class Endpoint(TypedDict):
    """An entry of SageMaker's ListEndpoints."""

    EndpointName: str
    EndpointStatus: str


class App(TypedDict):
    """An entry of SageMaker's ListApps; it belongs to a space or to a user profile."""

    DomainId: str
    AppType: str
    AppName: str
    Status: str
    SpaceName: NotRequired[str]
    UserProfileName: NotRequired[str]


class Space(TypedDict):
    """An entry of SageMaker's ListSpaces."""

    SpaceName: str
    Status: str


class UserProfile(TypedDict):
    """An entry of SageMaker's ListUserProfiles."""

    UserProfileName: str
    Status: str


class Tag(TypedDict):
    """A tag of EFS and EC2."""

    Key: str
    Value: str


class FileSystem(TypedDict):
    """An entry of EFS's DescribeFileSystems."""

    FileSystemId: str
    LifeCycleState: str
    Tags: Sequence[Tag]


class MountTarget(TypedDict):
    """An entry of EFS's DescribeMountTargets."""

    MountTargetId: str
    LifeCycleState: str
    VpcId: str


class SecurityGroup(TypedDict):
    """An entry of EC2's DescribeSecurityGroups."""

    GroupId: str
    GroupName: str


class SecurityGroupRule(TypedDict):
    """An entry of EC2's DescribeSecurityGroupRules."""

    GroupId: str
    SecurityGroupRuleId: str
    IsEgress: bool
