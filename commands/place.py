"""Where a command works: one account and one region, resolved once and shown first."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import botocore.session
from botocore.exceptions import BotoCoreError, ClientError

from commands.console import CommandError, console


@dataclass(frozen=True)
class Place:
    """The account and region of a command.

    Attributes:
        account: its number.
        region: such as eu-central-1.
        caller: the ARN of the user or role whose credentials are used.
    """

    account: str
    region: str
    caller: str


def enter() -> Place:
    """Find the account and region, show them, and give the region to all that follows.

    boto3 does not read AWS_REGION, which the CDK prefers. Every client made from now on, and every
    child process, finds the same region in both variables.

    Raises:
        CommandError: there is no region, or no credentials that are valid.
    """
    region = resolve_region(os.environ, botocore.session.Session())
    os.environ |= {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    try:
        identity = boto3.client("sts").get_caller_identity()
    except (ClientError, BotoCoreError) as error:
        raise CommandError(
            f"no valid credentials for AWS in {region}: {error}; set AWS_PROFILE, or log in with "
            "`aws sso login` or `aws configure`"
        ) from error
    place = Place(identity["Account"], region, identity["Arn"])
    console.print(f"account {place.account}, region {place.region}, as {place.caller}")
    return place


def resolve_region(environment: Mapping[str, str], session: Any) -> str:
    """Return the region, in the CDK's order: AWS_REGION, AWS_DEFAULT_REGION, the profile's.

    Args:
        environment: the variables.
        session: a botocore session (untyped), which reads the last two.

    Raises:
        CommandError: none of them names a region.
    """
    region = environment.get("AWS_REGION") or session.get_config_variable("region")
    if not region:
        raise CommandError("no region: name one, as in `export AWS_REGION=us-east-1`")
    return str(region)
