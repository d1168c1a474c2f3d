"""The deployment in the account that the environment names: its bucket, state machine, model."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from commands.console import CommandError

ROOT = Path(__file__).resolve().parents[1]


def configured_name() -> str:
    """Return the deployment's name as `cdk.json` sets it."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    return str(context.get("factorstack", {}).get("name", "factorstack"))


@dataclass(frozen=True)
class Deployment:
    """What the commands need of a deployment that `cdk deploy --all` made."""

    name: str
    bucket: str
    state_machine_arn: str
    recommend_url: str

    @classmethod
    def find(cls, name: str) -> "Deployment":
        """Return the deployment `name`.

        Raises:
            CommandError: it does not exist in this account and region.
        """
        outputs = {
            entry["OutputKey"]: entry["OutputValue"]
            for part in ("data", "pipeline")
            for entry in _stack(f"{name}-{part}")["Outputs"]
        }
        return cls(name, outputs["BucketName"], outputs["StateMachineArn"], outputs["RecommendUrl"])

    def live_model(self) -> str:
        """Return the S3 URI of the artifact that the endpoint serves.

        Raises:
            CommandError: no run has deployed a model yet.
        """
        parameters = _stack(f"{self.name}-serving")["Parameters"]
        values = {entry["ParameterKey"]: entry["ParameterValue"] for entry in parameters}
        if not values["ModelDataUrl"]:
            raise CommandError("no model is live yet: train and deploy one with `make run`")
        return str(values["ModelDataUrl"])


def _stack(name: str) -> dict[str, Any]:
    try:
        stack: dict[str, Any] = boto3.client("cloudformation").describe_stacks(StackName=name)[
            "Stacks"
        ][0]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            raise CommandError(
                f"there is no stack {name} in this account and region: `make deploy` makes it"
            ) from error
        raise
    return stack
