"""The whole app: four stacks that the checkers accept, in an order that can be destroyed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack, Validations
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks

from app import layer_platform
from stacks import assets

ROOT = Path(__file__).parents[2]
CFN_LINT = Path(sys.executable).with_name("cfn-lint")
# W3005: CDK writes dependencies that a reference implies already.
CFN_LINT_IGNORED = ["W3005"]
LEAST_RESOURCES_CHECKED = 100


def _lint(*templates: Path) -> subprocess.CompletedProcess[str]:
    command = [str(CFN_LINT), "--format", "parseable", "--regions", "us-east-1"]
    command += ["--ignore-checks", *CFN_LINT_IGNORED, "--template", *map(str, templates)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_there_are_the_four_stacks(templates: dict[str, Any]) -> None:
    assert set(templates) == {"data", "studio", "serving", "pipeline"}


def test_cfn_lint_reports_nothing(assembly: Path) -> None:
    done = _lint(*assembly.glob("mine-*.template.json"))
    assert done.returncode == 0, done.stdout


def test_cfn_lint_would_report_a_wrong_property(tmp_path: Path) -> None:
    wrong = {"Type": "AWS::SageMaker::Endpoint", "Properties": {"EndpointConfig": "x"}}
    path = tmp_path / "wrong.template.json"
    path.write_text(json.dumps({"Resources": {"Endpoint": wrong}}))
    assert "E3002" in _lint(path).stdout


def test_cdk_nag_looked_at_the_deployment_and_found_nothing(
    assembly: Path, templates: dict[str, Any]
) -> None:
    report = json.loads((assembly / "validation-report.json").read_text())
    (nag,) = report["pluginReports"]
    assert not nag["violations"]
    assert sum(len(template["Resources"]) for template in templates.values()) > (
        LEAST_RESOURCES_CHECKED
    )


def test_every_finding_is_acknowledged_below_a_stack_and_with_a_reason(assembly: Path) -> None:
    report = json.loads((assembly / "validation-report.json").read_text())
    acknowledged = report["pluginReports"][0]["suppressedViolations"]
    assert acknowledged
    for finding in acknowledged:
        assert len(finding["reason"].split()) > 3, finding
        assert "/" in finding["acknowledgedAt"], "a whole stack is not a resource"


def test_cdk_nag_would_find_an_open_bucket(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path))
    s3.Bucket(Stack(app, "open"), "Bucket")
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    with pytest.raises(RuntimeError, match="AwsSolutions-S10"):
        app.synth()


def test_the_pipeline_goes_first_and_the_bucket_last(assembly: Path) -> None:
    manifest = json.loads((assembly / "manifest.json").read_text())["artifacts"]
    after = {
        name: {other for other in artifact.get("dependencies", []) if other in manifest}
        for name, artifact in manifest.items()
    }
    assert {"mine-serving", "mine-studio", "mine-data"} <= after["mine-pipeline"]
    assert "mine-studio" in after["mine-serving"]
    assert "mine-data" in after["mine-studio"]


def test_everything_that_can_be_tagged_names_its_deployment(templates: dict[str, Any]) -> None:
    model = templates["serving"]["Resources"]["Model"]["Properties"]
    assert {"Key": "factorstack:deployment", "Value": "mine"} in model["Tags"]


@pytest.mark.parametrize(("stack", "functions"), [("studio", 4), ("pipeline", 2)])
def test_every_function_of_the_clean_up_has_the_layer_with_its_boto3(
    templates: dict[str, Any], stack: str, functions: int
) -> None:
    layers = [
        resource["Properties"]["Layers"]
        for resource in templates[stack]["Resources"].values()
        if resource["Type"] == "AWS::Lambda::Function"
        and resource["Properties"].get("Handler", "").startswith("cleanup.")
    ]
    assert len(layers) == functions
    assert all(layer == layers[0] for layer in layers)
    assert layers[0][0]["Ref"].startswith("CleanupPackages")


def test_synthesis_needs_no_credentials_no_tools_and_no_network(tmp_path: Path) -> None:
    assets.dependency_layer("lambda")  # installs it, which needs the registry
    assets.cleanup_layer()
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{_only_node(tmp_path)}",
        "HOME": str(tmp_path),
        "CDK_OUTDIR": str(tmp_path / "out"),
    }
    done = subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "out").glob("*.template.json"))) == 4


def _only_node(folder: Path) -> Path:
    """Return a folder that holds only `node`, which jsii runs on."""
    tools = folder / "tools"
    tools.mkdir()
    node = subprocess.run(["which", "node"], capture_output=True, text=True, check=True).stdout
    (tools / "node").symlink_to(node.strip())
    return tools


def test_a_region_without_the_image_ends_synthesis_with_one_line() -> None:
    environment = {**os.environ, "CDK_DEFAULT_REGION": "mx-central-1"}
    done = subprocess.run(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode != 0
    (line,) = [line for line in done.stderr.splitlines() if "mx-central-1" in line]
    assert "Traceback" not in done.stderr
    assert line.startswith("factorstack: region mx-central-1")


@pytest.mark.parametrize(
    ("endpoint_url", "platform"),
    [("", "lambda"), ("https://sagemaker.us-east-1.amazonaws.com", "lambda"),
     ("https://127.0.0.1:4566", "host"), ("http://localhost:4566", "host")],
)  # fmt: skip
def test_the_layer_is_built_for_where_the_functions_run(endpoint_url: str, platform: str) -> None:
    assert layer_platform(endpoint_url) == platform
