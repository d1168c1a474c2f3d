"""What some regions lack of what a deployment consists of.

Source: the region data of cfn-lint, with which a test compares these.
"""

from aws_cdk import Token

from contract.fm_images import ACCOUNTS

_SPACE, _PROFILE = "AWS::SageMaker::Space", "AWS::SageMaker::UserProfile"
_DOMAIN = ("AWS::SageMaker::Domain", "AWS::SageMaker::StudioLifecycleConfig")
_HOSTING = tuple(f"AWS::SageMaker::{kind}" for kind in ("Endpoint", "EndpointConfig", "Model"))
_URL = "AWS::Lambda::Url"
MISSING_TYPES: dict[str, tuple[str, ...]] = {  # of CloudFormation, by region
    "ap-south-2": (_SPACE, _PROFILE, _URL),
    "ap-southeast-4": (_SPACE, _PROFILE, _URL),
    "ca-west-1": (*_DOMAIN, _SPACE, _PROFILE, _URL),
    "cn-north-1": (_SPACE,),
    "cn-northwest-1": (_SPACE, _URL),
    "eu-central-2": (_URL,),
    "il-central-1": (_URL,),
    "me-central-1": (*_HOSTING, _URL),
    "us-gov-east-1": (*_HOSTING, _SPACE, _URL),
    "us-gov-west-1": (_SPACE, _URL),
}
SMALLEST_ENDPOINT = "ml.t2.medium"
SMALLEST_EVERYWHERE = "ml.m5.large"
WITHOUT_SMALLEST = frozenset(
    {
        "af-south-1",
        "ap-east-1",
        "ap-northeast-3",
        "ap-south-2",
        "ap-southeast-3",
        "ap-southeast-4",
        "ca-west-1",
        "eu-central-2",
        "eu-north-1",
        "eu-south-1",
        "eu-south-2",
        "il-central-1",
        "me-central-1",
        "me-south-1",
        "us-gov-east-1",
    }
)


class UnsupportedRegionError(ValueError):
    """A region lacks what a deployment consists of."""


def check_region(region: str) -> None:
    """Refuse a region that lacks something; a token, which only deployment resolves, passes.

    Raises:
        UnsupportedRegionError: names the region, what it lacks, and where to go.
    """
    if Token.is_unresolved(region):
        return
    if region not in ACCOUNTS:
        lacking = "SageMaker offers no Factorization Machines there"
    elif region in MISSING_TYPES:
        lacking = f"CloudFormation has no {', '.join(MISSING_TYPES[region])} there"
    else:
        return
    others = ", ".join(sorted(ACCOUNTS.keys() - MISSING_TYPES.keys()))
    raise UnsupportedRegionError(f"region {region}: {lacking}; set AWS_REGION to one of {others}")


def endpoint_instance(region: str) -> str:
    """Return the smallest instance type on which an endpoint can run in a region."""
    return SMALLEST_EVERYWHERE if region in WITHOUT_SMALLEST else SMALLEST_ENDPOINT
