"""The deployment in the account that the environment names: its bucket, state machine, model."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from commands.console import CommandError
from contract import names

ROOT = Path(__file__).resolve().parents[1]


def configured_name() -> str:
    """Return the name of the deployment that `cdk.json` configures."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    return str(context.get(names.DEPLOYMENT, {}).get("name", names.DEPLOYMENT))


def is_deployed(name: str) -> bool:
    """Return whether all stacks of the deployment `name` are there and usable."""
    pages = boto3.client("cloudformation").get_paginator("describe_stacks").paginate()
    statuses = {
        stack["StackName"]: stack["StackStatus"] for page in pages for stack in page["Stacks"]
    }
    found = [statuses.get(names.stack_name(name, stack), "") for stack in names.STACKS]
    return all(each == "CREATE_COMPLETE" or each.startswith("UPDATE_") for each in found)


@dataclass(frozen=True)
class Deployment:
    """A deployment that `cdk deploy --all` made, as far as the commands use it.

    Attributes:
        name: its name, which is also the endpoint's.
        bucket: the bucket of interactions and runs.
        state_machine_arn: the state machine.
        recommend_url: the URL of the recommend function.
    """

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
            output["OutputKey"]: output["OutputValue"]
            for stack in ("data", "pipeline")
            for output in _describe(names.stack_name(name, stack))["Outputs"]
        }
        return cls(
            name,
            outputs[names.BUCKET_OUTPUT],
            outputs[names.STATE_MACHINE_OUTPUT],
            outputs[names.RECOMMEND_OUTPUT],
        )

    def live_model(self) -> str:
        """Return the S3 URI of the artifact that the endpoint serves.

        Raises:
            CommandError: no run has deployed a model yet.
        """
        parameters = _describe(names.stack_name(self.name, "serving"))["Parameters"]
        values = {entry["ParameterKey"]: entry["ParameterValue"] for entry in parameters}
        if not values[names.MODEL_PARAMETER]:
            raise CommandError("no model is live yet: train and deploy one with `make run`")
        return str(values[names.MODEL_PARAMETER])


def deployed_template(stack_name: str) -> Any:
    """Return the template of a stack in the account, as JSON."""
    response = boto3.client("cloudformation").get_template(
        StackName=stack_name, TemplateStage="Original"
    )
    return response["TemplateBody"]


def _describe(stack_name: str) -> Any:
    """Return a stack's description as boto3 gives it (untyped)."""
    try:
        response = boto3.client("cloudformation").describe_stacks(StackName=stack_name)
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            raise CommandError(
                f"there is no stack {stack_name} in this account and region: deploy it with "
                "`make deploy`"
            ) from error
        raise
    return response["Stacks"][0]
