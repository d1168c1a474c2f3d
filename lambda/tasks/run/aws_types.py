"""The parts of AWS's answers that tasks read, as boto3 returns them."""

from datetime import datetime
from typing import NotRequired, TypedDict


class StackParameter(TypedDict):
    """A parameter of a stack."""

    ParameterKey: str
    ParameterValue: str


class ParameterUpdate(TypedDict):
    """A parameter of UpdateStack: a new value, or the previous one."""

    ParameterKey: str
    ParameterValue: NotRequired[str]
    UsePreviousValue: NotRequired[bool]


class StackOutput(TypedDict):
    """An output of a stack."""

    OutputKey: str
    OutputValue: str


class StackDescription(TypedDict):
    """A stack in DescribeStacks."""

    StackName: str
    StackStatus: str
    Parameters: list[StackParameter]
    Outputs: NotRequired[list[StackOutput]]


class StackEvent(TypedDict):
    """An event in DescribeStackEvents."""

    StackId: str
    LogicalResourceId: str
    PhysicalResourceId: str
    ResourceStatus: str
    ResourceStatusReason: NotRequired[str]


class EndpointDescription(TypedDict):
    """DescribeEndpoint's answer."""

    EndpointName: str
    EndpointStatus: str
    EndpointConfigName: str
    FailureReason: NotRequired[str]


class ResourceConfig(TypedDict):
    """The machines of a training job."""

    InstanceType: str
    InstanceCount: int


class TrainingJobDescription(TypedDict):
    """DescribeTrainingJob's answer."""

    TrainingJobName: str
    HyperParameters: dict[str, str]
    ResourceConfig: ResourceConfig
    BillableTimeInSeconds: NotRequired[int]
    TrainingStartTime: NotRequired[datetime]
    TrainingEndTime: NotRequired[datetime]
