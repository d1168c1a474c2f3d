"""What a deployment asks of an account's quotas, read from its templates."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Template = Mapping[str, Any]  # of CloudFormation, as JSON
# A new model gets a fleet of its own, while the old one still serves:
# https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html
FLEETS = 2


@dataclass(frozen=True)
class QuotaNeed:
    """A quota of SageMaker that a deployment needs.

    Attributes:
        name: of the quota, as Service Quotas lists it.
        least: the value that suffices.
        setting: what in `cdk.json` decides, below `factorstack`.
    """

    name: str
    least: int
    setting: str


def quota_needs(templates: Mapping[str, Template]) -> list[QuotaNeed]:
    """Return what training, endpoint and notebooks need, as far as it is in the templates."""
    needs: list[QuotaNeed] = []
    for template in templates.values():
        needs += _training(template)
        needs += _endpoint(template)
        needs += _spaces(template)
    return needs


def domain_names(templates: Mapping[str, Template]) -> list[str]:
    """Return the names of the Studio domains in the templates."""
    return [
        domain["DomainName"]
        for template in templates.values()
        for domain in _properties(template, "AWS::SageMaker::Domain")
    ]


def function_memory(templates: Mapping[str, Template]) -> int:
    """Return the memory of the largest function in the templates, in MiB; 0 without functions."""
    return max(
        (
            int(function.get("MemorySize", 128))
            for template in templates.values()
            for function in _properties(template, "AWS::Lambda::Function")
        ),
        default=0,
    )


def _training(template: Template) -> Iterator[QuotaNeed]:
    for machine in _properties(template, "AWS::StepFunctions::StateMachine"):
        for state in json.loads(_text(machine["DefinitionString"]))["States"].values():
            # The task's ARN is a reference in the template; only CreateTrainingJob has this member.
            if resources := state.get("Parameters", {}).get("ResourceConfig"):
                yield QuotaNeed(
                    f"{resources['InstanceType']} for training job usage",
                    resources["InstanceCount"],
                    "training.instance_type",
                )


def _endpoint(template: Template) -> Iterator[QuotaNeed]:
    scaled = _properties(template, "AWS::ApplicationAutoScaling::ScalableTarget")
    most = max((target["MaxCapacity"] for target in scaled), default=0)
    for config in _properties(template, "AWS::SageMaker::EndpointConfig"):
        for variant in config["ProductionVariants"]:
            if "ServerlessConfig" in variant:
                yield QuotaNeed(
                    "Maximum total concurrency that can be allocated across all serverless "
                    "endpoints",
                    variant["ServerlessConfig"]["MaxConcurrency"],
                    "endpoint.serverless.max_concurrency",
                )
            else:
                least = max(FLEETS * variant["InitialInstanceCount"], most)
                yield QuotaNeed(
                    f"{variant['InstanceType']} for endpoint usage", least, "endpoint.instance_type"
                )


def _spaces(template: Template) -> Iterator[QuotaNeed]:
    """Yield what each space needs for its app, which runs on what the domain says."""
    defaults: dict[str, Any] = {}
    for domain in _properties(template, "AWS::SageMaker::Domain"):
        defaults |= domain["DefaultUserSettings"]
    for space in _properties(template, "AWS::SageMaker::Space"):
        app_type = space["SpaceSettings"]["AppType"]
        spec = defaults[f"{app_type}AppSettings"]["DefaultResourceSpec"]
        yield QuotaNeed(
            f"Studio {app_type} Apps running on {spec['InstanceType']} instances",
            1,
            "studio.instance_type",
        )


def _properties(template: Template, resource_type: str) -> list[Template]:
    return [
        resource.get("Properties", {})
        for resource in template["Resources"].values()
        if resource["Type"] == resource_type
    ]


def _text(definition: Any) -> str:
    """Return a text of a template (JSON), with a word in the place of each reference."""
    if isinstance(definition, str):
        return definition
    parts = definition["Fn::Join"][1]
    return "".join(part if isinstance(part, str) else "reference" for part in parts)
