"""JupyterLab apps in the local account: they run, as the user's role, over a home that stays."""

import base64
import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from contract import log_groups
from local import layout
from local.account import LocalAccount
from local.studio import environment
from tests.e2e.studio import await_gone, await_status

APP = {"AppType": "JupyterLab", "AppName": "default"}
SPACE_OWNER = "owner"
SCRIPT = """#!/bin/bash
echo "start in $(pwd)"
echo start >> starts
aws sts get-caller-identity --query Arn --output text
aws s3 ls || echo "refused"
sleep 1000 > /dev/null 2>&1 &
echo $! > background
"""
KERNELS = [{"name": "python3"}]


class Studio(NamedTuple):
    """A domain with a user profile, in which spaces and apps are made."""

    sagemaker: Any
    domain_id: str

    def space(self, name: str, script: str | None = None) -> dict[str, str]:
        """Make a private space, and return the names of its app; the script runs at each start."""
        jupyter_lab = {}
        if script is not None:
            arn = self.sagemaker.create_studio_lifecycle_config(
                StudioLifecycleConfigName=name,
                StudioLifecycleConfigAppType="JupyterLab",
                StudioLifecycleConfigContent=base64.b64encode(script.encode()).decode(),
            )["StudioLifecycleConfigArn"]
            jupyter_lab = {"DefaultResourceSpec": {"LifecycleConfigArn": arn}}
        space = {"DomainId": self.domain_id, "SpaceName": name}
        self.sagemaker.create_space(
            **space,
            OwnershipSettings={"OwnerUserProfileName": SPACE_OWNER},
            SpaceSharingSettings={"SharingType": "Private"},
            SpaceSettings={"AppType": "JupyterLab", "JupyterLabAppSettings": jupyter_lab},
        )
        await_status(self.sagemaker.describe_space, "InService", **space)
        return {**space, **APP}

    def start(self, app: dict[str, str], status: str = "InService") -> dict[str, Any]:
        """Start an app, and return its description once it is in a status."""
        self.sagemaker.create_app(**app)
        return await_status(self.sagemaker.describe_app, status, **app)

    def delete(self, app: dict[str, str]) -> None:
        """Delete an app, and return once it is."""
        self.sagemaker.delete_app(**app)
        await_status(self.sagemaker.describe_app, "Deleted", **app)

    def url(self, app: dict[str, str], profile: str = SPACE_OWNER) -> str:
        """Return where the app is opened."""
        answer = self.sagemaker.create_presigned_domain_url(
            DomainId=self.domain_id, UserProfileName=profile, SpaceName=app["SpaceName"]
        )
        return str(answer["AuthorizedUrl"])


@pytest.fixture(scope="module")
def studio(client: Callable[..., Any], make_role: Callable[..., str]) -> Studio:
    """A domain whose users may write logs, and nothing else."""
    ec2, sagemaker = client("ec2"), client("sagemaker")
    vpc = ec2.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.2.0.0/24")["Subnet"]["SubnetId"]
    logs = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
    created = sagemaker.create_domain(
        DomainName="apps",
        AuthMode="IAM",
        VpcId=vpc,
        SubnetIds=[subnet],
        DefaultUserSettings={"ExecutionRole": make_role("user", "sagemaker.amazonaws.com", logs)},
    )
    made = Studio(sagemaker, created["DomainArn"].rpartition("/")[2])
    await_status(sagemaker.describe_domain, "InService", DomainId=made.domain_id)
    for name in (SPACE_OWNER, "other"):
        profile = {"DomainId": made.domain_id, "UserProfileName": name}
        sagemaker.create_user_profile(**profile)
        await_status(sagemaker.describe_user_profile, "InService", **profile)
    return made


@pytest.fixture(scope="module")
def variables(account: LocalAccount) -> Callable[[dict[str, str]], dict[str, str]]:
    """Return what reads the environment of a running app."""

    def read(app: dict[str, str]) -> dict[str, str]:
        path = layout.app_environment(account.folder, app["DomainId"], app["SpaceName"])
        assert path.stat().st_mode & 0o777 == 0o600
        return environment.load(path)

    return read


@pytest.fixture(scope="module")
def app(studio: Studio) -> dict[str, str]:
    """An app in service, whose script has run once."""
    made = studio.space("lab", SCRIPT)
    studio.start(made)
    return made


@pytest.fixture
def home(app: dict[str, str], variables: Callable[[dict[str, str]], dict[str, str]]) -> Path:
    """The home folder of the app."""
    return Path(variables(app)["HOME"])


def script_log(client: Callable[..., Any], app: dict[str, str]) -> list[str]:
    """Return what the scripts of an app wrote, from CloudWatch."""
    stream = f"{app['DomainId']}/{app['SpaceName']}/JupyterLab/default/LifecycleConfigOnStart"
    events = client("logs").get_log_events(
        logGroupName=log_groups.STUDIO, logStreamName=stream, startFromHead=True
    )["events"]
    return [event["message"] for event in events]


def get(url: str, path: str = "") -> tuple[int, str]:
    """Return status and body of a page of a server, at another path if one is given."""
    address, _, query = url.partition("?")
    address = address.removesuffix("lab") + path if path else address
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{address}?{query}" if query else address, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""


def is_running(pid: int) -> bool:
    """Tell whether a process is there, and not a zombie."""
    done = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return done.stdout.strip()[:1] not in ("", "Z")


def test_the_script_runs_in_the_home_folder_as_the_users_role(
    app: dict[str, str], home: Path, client: Callable[..., Any]
) -> None:
    log = script_log(client, app)
    assert log[0] == f"start in {home}"
    assert log[1] == "arn:aws:sts::000000000000:assumed-role/user/SageMaker"
    assert "not authorized to perform: s3:ListAllMyBuckets" in "".join(log[2:])
    assert log[-1] == "refused"


def test_the_app_shows_the_configuration_that_it_started_with(
    studio: Studio, app: dict[str, str]
) -> None:
    described = studio.sagemaker.describe_app(**app)
    assert described["ResourceSpec"]["LifecycleConfigArn"].endswith("studio-lifecycle-config/lab")


def test_the_url_opens_a_server_with_its_token_and_not_without(
    studio: Studio, app: dict[str, str]
) -> None:
    url = studio.url(app)
    assert url.startswith("http://127.0.0.1:")
    assert get(url)[0] == 200
    status, body = get(url, "api/contents")
    assert (status, "starts" in body) == (200, True)
    assert get(url.partition("?")[0], "api/contents")[0] == 403


def test_a_second_url_leads_to_the_same_server(studio: Studio, app: dict[str, str]) -> None:
    assert studio.url(app) == studio.url(app)


def test_a_private_space_opens_for_its_owner_only(studio: Studio, app: dict[str, str]) -> None:
    with pytest.raises(ClientError, match="is private to another user profile"):
        studio.url(app, profile="other")


def test_opening_needs_the_permission_on_the_user_profile(
    studio: Studio, app: dict[str, str], act_as: Callable[..., Any]
) -> None:
    profile = f"arn:aws:sagemaker:us-east-1:000000000000:user-profile/{studio.domain_id}"
    action = {"Effect": "Allow", "Action": "sagemaker:CreatePresignedDomainUrl"}
    allowed = act_as("opener", "sagemaker", action | {"Resource": f"{profile}/{SPACE_OWNER}"})
    assert Studio(allowed, studio.domain_id).url(app) == studio.url(app)
    refused = act_as("passer", "sagemaker", action | {"Resource": f"{profile}/other"})
    with pytest.raises(ClientError, match="not authorized to perform: sagemaker:CreatePresigned"):
        Studio(refused, studio.domain_id).url(app)


def test_deleting_the_app_ends_its_processes_and_a_new_one_finds_the_home(
    studio: Studio, app: dict[str, str], home: Path, client: Callable[..., Any]
) -> None:
    url, background = studio.url(app), int((home / "background").read_text())
    request = urllib.request.Request(  # noqa: S310
        url.replace("lab?", "api/kernels?"), method="POST", data=json.dumps(KERNELS[0]).encode()
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
        kernel = json.loads(answer.read())["id"]
    (kernel_pid,) = kernel_processes(kernel)
    assert is_running(background)
    studio.delete(app)
    with pytest.raises(urllib.error.URLError, match="refused"):
        get(url)
    assert not is_running(background)
    assert not is_running(kernel_pid)
    studio.start(app)
    assert (home / "starts").read_text() == "start\nstart\n"


def kernel_processes(kernel: str) -> list[int]:
    """Return the processes that serve a kernel."""
    done = subprocess.run(["pgrep", "-f", kernel], capture_output=True, text=True)
    return [int(pid) for pid in done.stdout.split()]


def test_the_home_folder_goes_with_the_space(
    studio: Studio, variables: Callable[[dict[str, str]], dict[str, str]]
) -> None:
    made = studio.space("short-lived")
    studio.start(made)
    home = Path(variables(made)["HOME"])
    assert home.is_dir()
    studio.delete(made)
    assert home.is_dir()
    space = {"DomainId": studio.domain_id, "SpaceName": "short-lived"}
    studio.sagemaker.delete_space(**space)
    await_gone(studio.sagemaker.describe_space, **space)
    assert not home.exists()


def test_a_script_that_fails_fails_the_app(studio: Studio, client: Callable[..., Any]) -> None:
    made = studio.space("failing", "#!/bin/bash\necho what is wrong\nexit 3\n")
    reason = studio.start(made, "Failed")["FailureReason"]
    assert reason.startswith(
        "ConfigurationError: LifecycleConfig execution failed with non zero exit code 3 for script"
    )
    assert script_log(client, made) == ["what is wrong"]
    assert studio.url(made).startswith(f"https://{studio.domain_id}.studio.")


def test_a_role_that_does_not_trust_sagemaker_fails_the_app(
    studio: Studio, make_role: Callable[..., str]
) -> None:
    made = studio.space("distrusting")
    role = make_role("distrusting", "lambda.amazonaws.com")
    profile = {"DomainId": studio.domain_id, "UserProfileName": SPACE_OWNER}
    studio.sagemaker.update_user_profile(**profile, UserSettings={"ExecutionRole": role})
    try:
        reason = studio.start(made, "Failed")["FailureReason"]
        assert "allows principal 'sagemaker.amazonaws.com' to assume the role" in reason
    finally:
        own = {"ExecutionRole": f"{role.rpartition('/')[0]}/user"}
        studio.sagemaker.update_user_profile(**profile, UserSettings=own)
        await_status(studio.sagemaker.describe_user_profile, "InService", **profile)


def test_deleting_an_app_that_starts_ends_its_script(
    studio: Studio, client: Callable[..., Any]
) -> None:
    made = studio.space("slow", "#!/bin/bash\necho $$\nsleep 1000\n")
    studio.sagemaker.create_app(**made)
    deadline, pids = time.monotonic() + 30, list[str]()
    while not pids and time.monotonic() < deadline:
        try:
            pids = script_log(client, made)
        except ClientError:
            time.sleep(0.1)
    studio.delete(made)
    assert not is_running(int(pids[0]))
