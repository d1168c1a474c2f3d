"""JupyterLab apps in the local account: they run, as the user's role, over a home that stays."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from contract import log_groups
from local import layout
from local.account import LocalAccount
from local.studio import environment
from tests.e2e.conftest import clients_of
from tests.e2e.studio import (
    SPACE_OWNER,
    Studio,
    await_gone,
    await_status,
    get,
    is_running,
    start_kernel,
)

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sagemaker.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)
SCRIPT = """#!/bin/bash
echo "start in $(pwd)"
echo start >> starts
aws sts get-caller-identity --query Arn --output text
aws s3 ls || echo "refused"
sleep 1000 > /dev/null 2>&1 &
echo $! > background
"""


@pytest.fixture(scope="module")
def studio(client: Callable[..., Any], make_role: Callable[..., str]) -> Studio:
    logs = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
    return Studio.create(client, make_role("user", "sagemaker.amazonaws.com", logs))


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
    kernel_pid = start_kernel(url)
    assert is_running(background)
    studio.delete(app)
    with pytest.raises(urllib.error.URLError, match="refused"):
        get(url)
    assert not is_running(background)
    assert not is_running(kernel_pid)
    studio.start(app)
    assert (home / "starts").read_text() == "start\nstart\n"


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


class Kept(NamedTuple):
    """What was before an account was stopped, and Studio after it has been started again."""

    studio: Studio
    app: dict[str, str]
    url: str
    kernel: int
    folder: Path


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """An app with a server and a kernel, whose account has been stopped and started again."""
    folder = tmp_path_factory.mktemp("kept")
    with LocalAccount(persist=folder, delay=0.0) as account:
        client = clients_of(account)
        role = client("iam").create_role(RoleName="user", AssumeRolePolicyDocument=TRUST)["Role"]
        studio = Studio.create(client, role["Arn"])
        app = studio.space("kept", "#!/bin/bash\necho start >> starts\n")
        studio.start(app)
        url, before = studio.url(app), account.folder
        kernel = start_kernel(url)
    with LocalAccount(persist=folder, delay=0.0) as account:
        again = Studio(clients_of(account)("sagemaker"), studio.domain_id)
        yield Kept(again, app, url, kernel, before)


def test_server_and_kernel_end_with_the_account(kept: Kept) -> None:
    with pytest.raises(urllib.error.URLError, match="refused"):
        get(kept.url)
    deadline = time.monotonic() + 10
    while is_running(kept.kernel) and time.monotonic() < deadline:
        time.sleep(0.1)  # a kernel looks every second whether its server is there
    assert not is_running(kept.kernel)
    assert not kept.folder.exists()


def test_the_app_starts_again_with_the_account_over_the_same_home(kept: Kept) -> None:
    await_status(kept.studio.sagemaker.describe_app, "InService", **kept.app)
    assert kept.studio.url(kept.app) != kept.url
    assert get(kept.studio.url(kept.app), "files/starts")[1] == "start\nstart\n"
