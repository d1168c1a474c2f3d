"""The properties of the clean-up resources: the stacks set them, and the clean-up reads them."""

from collections.abc import Sequence
from typing import Literal, NotRequired, TypedDict


class DrainRunsProperties(TypedDict):
    """The properties of `Custom::DrainRuns`.

    Attributes:
        Name: The deployment.
        StateMachineArn: The state machine whose executions are stopped.
        ServingStackName: The stack that must be at rest.
    """

    Name: str
    StateMachineArn: str
    ServingStackName: str


class DrainDomainProperties(TypedDict):
    """The properties of `Custom::DrainDomain`.

    Attributes:
        Stage: Which of the two resources of a domain this is.
        DomainId: The domain to empty.
        RecordParameter: The SSM parameter that holds the domain records.
        KeepSpaces: The spaces that CloudFormation deletes; absent when there are none, because
            CDK leaves out empty lists.
        KeepUserProfiles: The user profiles that CloudFormation deletes; likewise.
    """

    Stage: Literal["inner", "outer"]
    DomainId: str
    RecordParameter: str
    KeepSpaces: NotRequired[Sequence[str]]
    KeepUserProfiles: NotRequired[Sequence[str]]


class SweepProperties(TypedDict):
    """The properties of `Custom::Sweep`.

    Attributes:
        Name: The deployment.
        RecordParameter: The SSM parameter that holds the domain records.
        VpcId: The network in which domains are looked for that nobody wrote down.
    """

    Name: str
    RecordParameter: str
    VpcId: str
