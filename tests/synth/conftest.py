"""The assembly of a whole deployment, `mine`, synthesised once for a run of the tests."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from app import compose
from stacks.settings import Settings

Resources = dict[str, dict[str, Any]]
Templates = dict[str, dict[str, Any]]
Definition = dict[str, Any]


@pytest.fixture(scope="session")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the cloud assembly; synthesis fails on a finding of cdk-nag."""
    folder = tmp_path_factory.mktemp("assembly")
    context = json.loads((Path(__file__).parents[2] / "cdk.json").read_text())["context"]
    app = App(outdir=str(folder), context=context)
    compose(app, Settings(name="mine"), "host")
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()
    return folder


@pytest.fixture(scope="session")
def templates(assembly: Path) -> Templates:
    """The templates of data, studio, serving and pipeline."""
    return {
        path.name.removeprefix("mine-").removesuffix(".template.json"): json.loads(path.read_text())
        for path in assembly.glob("mine-*.template.json")
    }


@pytest.fixture(scope="session")
def definition(templates: Templates) -> Definition:
    """The state machine as CloudFormation would assemble it, with references left as names."""
    (machine,) = [
        resource["Properties"]
        for resource in templates["pipeline"]["Resources"].values()
        if resource["Type"] == "AWS::StepFunctions::StateMachine"
        and resource["Properties"].get("StateMachineName") == "mine"
    ]
    parts = machine["DefinitionString"]["Fn::Join"][1]
    text = "".join(
        part if isinstance(part, str) else re.sub(r"[^\w.:-]", "_", json.dumps(part))
        for part in parts
    )
    parsed: Definition = json.loads(text)
    return parsed
