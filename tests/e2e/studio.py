"""Studio as the tests of the local account use it: a domain, its spaces and their apps."""

import base64
import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any, NamedTuple

from botocore.exceptions import ClientError

SECONDS = 60.0
POLL_SECONDS = 0.05
APP = {"AppType": "JupyterLab", "AppName": "default"}
SPACE_OWNER = "owner"


class Studio(NamedTuple):
    """A domain with two user profiles, in which spaces and apps are made."""

    sagemaker: Any
    domain_id: str

    @classmethod
    def create(cls, client: Callable[..., Any], role: str) -> "Studio":
        """Make a domain whose users have a role, with the profiles `owner` and `other`."""
        ec2, sagemaker = client("ec2"), client("sagemaker")
        vpc = ec2.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.2.0.0/24")["Subnet"]["SubnetId"]
        created = sagemaker.create_domain(
            DomainName="apps",
            AuthMode="IAM",
            VpcId=vpc,
            SubnetIds=[subnet],
            DefaultUserSettings={"ExecutionRole": role},
        )
        made = cls(sagemaker, created["DomainArn"].rpartition("/")[2])
        await_status(sagemaker.describe_domain, "InService", DomainId=made.domain_id)
        for name in (SPACE_OWNER, "other"):
            profile = {"DomainId": made.domain_id, "UserProfileName": name}
            sagemaker.create_user_profile(**profile)
            await_status(sagemaker.describe_user_profile, "InService", **profile)
        return made

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


def await_status(describe: Callable[..., Any], status: str, **names: str) -> dict[str, Any]:
    """Return the description of a Studio resource once it is in a status."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        described: dict[str, Any] = describe(**names)
        if described["Status"] == status:
            return described
        time.sleep(POLL_SECONDS)
    raise TimeoutError(f"{names}: {described['Status']}: {described.get('FailureReason')}")


def await_gone(describe: Callable[..., Any], **names: str) -> None:
    """Return once a Studio resource does not exist any more."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        try:
            describe(**names)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFound":
                raise
            return
        time.sleep(POLL_SECONDS)
    raise TimeoutError(str(names))


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


def start_kernel(url: str) -> int:
    """Start a kernel of the server at a URL, and return the id of its process."""
    request = urllib.request.Request(  # noqa: S310
        url.replace("lab?", "api/kernels?"), method="POST", data=b'{"name": "python3"}'
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
        kernel = json.loads(answer.read())["id"]
    done = subprocess.run(["pgrep", "-f", kernel], capture_output=True, text=True)
    (pid,) = done.stdout.split()
    return int(pid)
