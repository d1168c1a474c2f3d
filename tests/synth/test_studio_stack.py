"""The Studio stack: what it holds, the order in which it goes, and what it may do."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Tags, Validations
from aws_cdk import aws_iam as iam
from cdk_nag import AwsSolutionsChecks

from contract.names import DEPLOYMENT_TAG
from stacks.data_stack import DataStack
from stacks.settings import Settings, Studio, Training
from stacks.studio_stack import StudioStack

Resources = dict[str, dict[str, Any]]


def compose(outdir: Path, settings: Settings) -> tuple[App, StudioStack]:
    app = App(outdir=str(outdir))
    data = DataStack(app, f"{settings.name}-data")
    studio = StudioStack(app, f"{settings.name}-studio", settings=settings, bucket=data.bucket)
    Tags.of(app).add(DEPLOYMENT_TAG, settings.name)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return app, studio


@pytest.fixture(scope="module")
def outdir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The assembly of a deployment `mine`; synthesised with cdk-nag, which fails on a finding."""
    folder = tmp_path_factory.mktemp("assembly")
    app, _ = compose(folder, Settings(name="mine", studio=Studio(idle_timeout_minutes=90)))
    app.synth()
    return folder


@pytest.fixture(scope="module")
def resources(outdir: Path) -> Resources:
    template: dict[str, Resources] = json.loads((outdir / "mine-studio.template.json").read_text())
    return template["Resources"]


def of_type(resources: Resources, kind: str) -> Resources:
    of_kind = {name: item for name, item in resources.items() if item["Type"] == kind}
    assert of_kind, f"no {kind} in the stack"
    return of_kind


def one(resources: Resources, kind: str) -> str:
    (name,) = of_type(resources, kind)
    return name


def references(value: Any) -> Iterator[str]:
    match value:
        case {"Ref": str(name)}:
            yield name
        case {"Fn::GetAtt": [str(name), *_]}:
            yield name
        case dict():
            for item in value.values():
                yield from references(item)
        case list():
            for item in value:
                yield from references(item)


def all_before(resources: Resources, name: str) -> set[str]:
    """What CloudFormation creates before `name`, and so deletes after it."""
    before: set[str] = set()
    rest = [name]
    while rest:
        resource = resources[rest.pop()]
        depends = resource.get("DependsOn", [])
        direct = {*references(resource), *([depends] if isinstance(depends, str) else depends)}
        new = (direct & resources.keys()) - before
        before |= new
        rest += new
    return before


def drains(resources: Resources) -> tuple[str, str]:
    by_stage = {
        item["Properties"]["Stage"]: name
        for name, item in of_type(resources, "Custom::DrainDomain").items()
    }
    return by_stage["inner"], by_stage["outer"]


def test_cdk_nag_was_asked_and_each_acknowledgement_has_a_reason(outdir: Path) -> None:
    (report,) = json.loads((outdir / "validation-report.json").read_text())["pluginReports"]
    assert report["violations"] == []
    suppressed = report["suppressedViolations"]
    assert len(suppressed) > 10
    assert all(len(item["reason"]) > 20 for item in suppressed)


def test_no_acknowledgement_covers_a_stack(outdir: Path) -> None:
    (report,) = json.loads((outdir / "validation-report.json").read_text())["pluginReports"]
    places = {item["acknowledgedAt"] for item in report["suppressedViolations"]}
    assert all("/" in place for place in places)


def test_cdk_nag_flags_a_policy_that_nobody_acknowledged(tmp_path: Path) -> None:
    app, studio = compose(tmp_path, Settings(name="mine"))
    statement = iam.PolicyStatement(actions=["s3:*"], resources=["*"])
    iam.ManagedPolicy(studio, "Mutant", statements=[statement])
    with pytest.raises(RuntimeError, match=r"mine-studio/Mutant/Resource"):
        app.synth()


def test_cfn_lint_finds_nothing(outdir: Path) -> None:
    template = str(outdir / "mine-studio.template.json")
    # W3005: CDK writes dependencies that a reference implies already.
    lint = Path(sys.executable).with_name("cfn-lint")
    command = [str(lint), "--ignore-checks", "W3005", "--template", template]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_outer_drain_goes_first(resources: Resources) -> None:
    _, outer = drains(resources)
    before = all_before(resources, outer)
    for kind in ("Domain", "UserProfile", "Space"):
        assert one(resources, f"AWS::SageMaker::{kind}") in before


def test_the_inner_drain_stands_between_the_domain_and_what_is_in_it(
    resources: Resources,
) -> None:
    inner, _ = drains(resources)
    assert one(resources, "AWS::SageMaker::Domain") in all_before(resources, inner)
    for kind in ("UserProfile", "Space"):
        assert inner in all_before(resources, one(resources, f"AWS::SageMaker::{kind}"))


def test_the_outer_drain_leaves_cloudformations_own_to_it_and_the_inner_nothing(
    resources: Resources,
) -> None:
    inner, outer = (resources[name]["Properties"] for name in drains(resources))
    assert (outer["KeepSpaces"], outer["KeepUserProfiles"]) == (["mine-lab"], ["mine-user"])
    assert not inner.get("KeepSpaces")
    assert not inner.get("KeepUserProfiles")


def test_sweep_goes_after_the_domain_and_before_the_network(resources: Resources) -> None:
    sweep = one(resources, "Custom::Sweep")
    assert sweep in all_before(resources, one(resources, "AWS::SageMaker::Domain"))
    before = all_before(resources, sweep)
    network = {name for name, item in resources.items() if item["Type"].startswith("AWS::EC2::")}
    assert len(network) >= 8
    assert network <= before
    assert one(resources, "AWS::SSM::Parameter") in before
    assert one(resources, "AWS::SageMaker::Domain") not in before


def test_every_clean_up_goes_before_whatever_it_needs(resources: Resources) -> None:
    kinds = ("Custom::DrainDomain", "Custom::Sweep")
    needs = {
        *("AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::Role"),
        *("AWS::Lambda::Function", "AWS::Logs::LogGroup", "AWS::StepFunctions::StateMachine"),
    }
    for kind in kinds:
        for name in of_type(resources, kind):
            before = {resources[other]["Type"] for other in all_before(resources, name)}
            assert before >= needs, name
            assert any(
                resources[other]["Type"] == "AWS::IAM::ManagedPolicy"
                for other in resources[name]["DependsOn"]
            ), f"{name} does not depend on its policy explicitly"


def test_framework_and_handlers_have_all_of_their_policies_until_the_end(
    resources: Resources,
) -> None:
    for name, function in of_type(resources, "AWS::Lambda::Function").items():
        (role,) = references(function["Properties"]["Role"])
        inline = {
            policy
            for policy, item in resources.items()
            if item["Type"] == "AWS::IAM::Policy"
            and role in references(item["Properties"]["Roles"])
        }
        assert inline <= all_before(resources, name)


def test_every_function_writes_to_a_log_group_that_goes_with_the_stack(
    resources: Resources,
) -> None:
    groups = of_type(resources, "AWS::Logs::LogGroup")
    assert all(group["DeletionPolicy"] == "Delete" for group in groups.values())
    for function in of_type(resources, "AWS::Lambda::Function").values():
        (group,) = references(function["Properties"]["LoggingConfig"])
        assert group in groups


def test_no_function_may_create_a_log_group(resources: Resources) -> None:
    trusted_by_lambda = {
        name
        for name, role in of_type(resources, "AWS::IAM::Role").items()
        if "lambda.amazonaws.com" in json.dumps(role["Properties"]["AssumeRolePolicyDocument"])
    }
    assert len(trusted_by_lambda) >= 6
    for name in trusted_by_lambda:
        managed = resources[name]["Properties"].get("ManagedPolicyArns", [])
        assert "service-role" not in json.dumps(managed)
        for policy in references(managed):
            assert "logs:CreateLogGroup" not in json.dumps(resources[policy])


def test_only_what_users_type_and_the_records_have_a_name(resources: Resources) -> None:
    named = {
        item["Type"]: value
        for item in resources.values()
        for key, value in item.get("Properties", {}).items()
        if key.endswith("Name") and isinstance(value, str)
        # An inline policy has no name of its own in the account, and "Name" is a handler's word.
        if item["Type"] not in ("AWS::IAM::Policy", "Custom::Sweep")
    }
    lifecycle = named.pop("AWS::SageMaker::StudioLifecycleConfig")
    assert lifecycle.startswith("mine-lab-")
    assert named == {
        "AWS::SSM::Parameter": "/mine/studio-records",
        "AWS::SageMaker::Domain": "mine",
        "AWS::SageMaker::UserProfile": "mine-user",
        "AWS::SageMaker::Space": "mine-lab",
    }


def test_idle_apps_are_stopped_after_the_set_time(resources: Resources) -> None:
    domain = resources[one(resources, "AWS::SageMaker::Domain")]["Properties"]
    jupyter = domain["DefaultUserSettings"]["JupyterLabAppSettings"]
    assert jupyter["AppLifecycleManagement"]["IdleSettings"] == {
        "LifecycleManagement": "ENABLED",
        "IdleTimeoutInMinutes": 90,
    }


def test_nothing_of_the_network_costs_money_while_idle(resources: Resources) -> None:
    kinds = {item["Type"] for item in resources.values()}
    assert not kinds & {"AWS::EC2::NatGateway", "AWS::EC2::InternetGateway", "AWS::EC2::EIP"}
    endpoint = resources[one(resources, "AWS::EC2::VPCEndpoint")]["Properties"]
    assert endpoint["VpcEndpointType"] == "Gateway"


def test_training_jobs_may_neither_start_executions_nor_touch_studio(
    resources: Resources,
) -> None:
    (policy,) = (item for name, item in resources.items() if name.startswith("ExecutionPolicy"))
    actions = {
        action
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        for action in (
            [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        )
    }
    assert {action.split(":")[0] for action in actions} == {"s3", "logs", "cloudwatch", "ecr"}


def test_the_role_that_changes_the_serving_stack_keeps_its_logical_id(
    resources: Resources,
) -> None:
    # With another id it would be replaced, and CloudFormation deletes a stack with the role that
    # changed it last.
    assert resources["ServingRole1660D722"]["Type"] == "AWS::IAM::Role"


def test_every_start_of_a_space_runs_the_labs_script(resources: Resources) -> None:
    config = one(resources, "AWS::SageMaker::StudioLifecycleConfig")
    domain = resources[one(resources, "AWS::SageMaker::Domain")]["Properties"]
    jupyter = domain["DefaultUserSettings"]["JupyterLabAppSettings"]
    assert set(references(jupyter["BuiltInLifecycleConfigArn"])) == {config}


def test_nothing_that_a_deployment_may_change_is_in_the_space(resources: Resources) -> None:
    # UpdateSpace may refuse the AppType, which CloudFormation sends along.
    space = resources[one(resources, "AWS::SageMaker::Space")]["Properties"]
    assert space["SpaceSettings"] == {"AppType": "JupyterLab"}


def test_the_script_has_the_names_of_the_deployment(resources: Resources) -> None:
    config = resources[one(resources, "AWS::SageMaker::StudioLifecycleConfig")]["Properties"]
    script = json.dumps(config["StudioLifecycleConfigContent"])
    assert "export FACTORSTACK_NAME='mine'" in script
    assert "export FACTORSTACK_TRAINING_INSTANCE='ml.m5.large'" in script
    assert "export FACTORSTACK_ENDPOINT_INSTANCE='ml.t2.medium'" in script


def test_a_lifecycle_configuration_is_named_by_all_that_it_holds(tmp_path: Path) -> None:
    def name(folder: str, settings: Settings, **tags: str) -> str:
        app, studio = compose(tmp_path / folder, settings)
        for key, value in tags.items():
            Tags.of(app).add(key, value)
        template = app.synth().get_stack_by_name(studio.stack_name).template
        configs = of_type(template["Resources"], "AWS::SageMaker::StudioLifecycleConfig").values()
        (config,) = configs
        return str(config["Properties"]["StudioLifecycleConfigName"])

    mine = Settings(name="mine")
    first = name("first", mine)
    assert first == name("again", mine)
    assert first.startswith("mine-lab-")
    trained_elsewhere = Settings(name="mine", training=Training(instance_type="ml.m5.xlarge"))
    others = {name("tagged", mine, team="red"), name("trained", trained_elsewhere)}
    assert len({first, *others}) == 3


def test_the_handlers_code_is_the_cleanup_package_alone(outdir: Path) -> None:
    folders = [path for path in outdir.glob("asset.*") if (path / "cleanup").is_dir()]
    assert len(folders) == 1
    assert {path.name for path in folders[0].iterdir()} == {"cleanup", "contract"}
    assert (folders[0] / "cleanup" / "sweep.py").is_file()
    assert not list(folders[0].rglob("__pycache__"))
