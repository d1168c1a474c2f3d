"""`make lab`: the Studio space's JupyterLab in a local account, as the Studio user's role."""

import os
import sys
import tempfile
import time
import webbrowser
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3

from commands import options
from commands.cdk import deploy
from commands.console import CommandError, Step, console, main, step
from commands.deployment import ROOT, is_deployed
from commands.local_account import kept_account, use
from contract import log_groups, names
from local.studio.environment import IMAGE

_NOTEBOOK = "/lab/tree/factorstack/lab.ipynb"
_READY = "the lab is ready"  # how the last line of the script begins that sets the lab up
_POLL_SECONDS = 0.5


@dataclass(frozen=True)
class _Space:
    """The Studio space of a deployment.

    Attributes:
        domain_id: its domain.
        name: its name.
        profile: the user profile that owns it.
        role: the ARN of the role that its apps have.
    """

    domain_id: str
    name: str
    profile: str
    role: str

    @classmethod
    def find(cls, deployment: str) -> "_Space":
        """Return the space that the Studio stack made."""
        sagemaker = boto3.client("sagemaker")
        pages = sagemaker.get_paginator("list_domains").paginate()
        found = [domain for page in pages for domain in page["Domains"]]
        (domain_id,) = [each["DomainId"] for each in found if each["DomainName"] == deployment]
        domain = sagemaker.describe_domain(DomainId=domain_id)
        return cls(
            domain_id,
            names.space_name(deployment),
            names.user_profile_name(deployment),
            domain["DefaultUserSettings"]["ExecutionRole"],
        )

    @property
    def app(self) -> dict[str, str]:
        """The names of its JupyterLab app, as the API takes them."""
        app = {"AppType": "JupyterLab", "AppName": "default"}
        return {"DomainId": self.domain_id, "SpaceName": self.name, **app}


def lab() -> None:
    """Find or start the kept account, deploy unless deployed, and open the Studio space."""
    parser = options.argument_parser("lab", __doc__)
    parser.add_argument("--port", type=int, default=0, help="of the account; a free one by default")
    arguments = parser.parse_args()
    if not (IMAGE / "bin" / "jupyter-lab").exists():
        raise CommandError(
            f"JupyterLab is not installed in {IMAGE.relative_to(ROOT)}: run `make lab`, which "
            "installs it"
        )
    with kept_account(arguments.port) as environment:
        console.print(f"Local account: {environment['AWS_ENDPOINT_URL']}")
        use(environment)
        if not is_deployed(arguments.name):
            with tempfile.TemporaryDirectory() as folder:
                deploy(str(Path(folder) / "cdk.out"))
    space = _Space.find(arguments.name)
    with step(f"start JupyterLab in the space {space.name}") as current:
        _start(space, current)
    url = _url(space)
    console.print(
        f"\nJupyterLab, signed in as {space.role} with IAM enforced:\n\n  {url}\n\n"
        "`make lab` opens it again; `make stop` ends JupyterLab, deployment and account."
    )
    if _has_display():
        webbrowser.open(url)


def _start(space: _Space, current: Step) -> None:
    """Bring the app into service, unless it is, and show what its start-up script writes.

    Raises:
        CommandError: the app failed, or its script could not set the lab up. The script's log has
            been shown, and the app is deleted, so that the next one tries again.
    """
    sagemaker = boto3.client("sagemaker")
    app = _settled(space, current)
    if app and app["Status"] == "Failed":
        sagemaker.delete_app(**space.app)
        app = _settled(space, current)
    if not app or app["Status"] == "Deleted":
        sagemaker.create_app(**space.app)
        app = _settled(space, current)
    log = _log(space, app)
    if app["Status"] == "InService" and any(line.startswith(_READY) for line in log):
        return
    for line in log:
        console.print(line, markup=False)
    sagemaker.delete_app(**space.app)
    reason = app.get("FailureReason", "the lab is not set up")
    raise CommandError(f"{reason}. The log above says why; `make lab` tries again")


def _settled(space: _Space, current: Step) -> Any:
    """Return the app as boto3 describes it, once nothing is under way; None: there is no app."""
    sagemaker = boto3.client("sagemaker")
    while True:
        try:
            app = sagemaker.describe_app(**space.app)
        except sagemaker.exceptions.ResourceNotFound:
            return None
        if app["Status"] not in ("Pending", "Deleting"):
            return app
        for line in _log(space, app)[-1:]:
            current.progress(line)
        time.sleep(_POLL_SECONDS)


def _log(space: _Space, app: Any) -> list[str]:
    """Return what start-up scripts have written for an app, as boto3 describes it."""
    logs = boto3.client("logs")
    try:
        events = logs.get_log_events(
            logGroupName=log_groups.STUDIO,
            logStreamName=f"{space.domain_id}/{space.name}/JupyterLab/default/LifecycleConfigOnStart",
            startTime=int(app["CreationTime"].timestamp() * 1000),  # the stream is the space's
            startFromHead=True,
        )["events"]
    except logs.exceptions.ResourceNotFoundException:
        return []
    return [event["message"] for event in events]


def _url(space: _Space) -> str:
    """Return where the app opens, at the lab's notebook."""
    presigned = boto3.client("sagemaker").create_presigned_domain_url(
        DomainId=space.domain_id, UserProfileName=space.profile, SpaceName=space.name
    )["AuthorizedUrl"]
    return str(urlsplit(presigned)._replace(path=_NOTEBOOK).geturl())


def _has_display() -> bool:
    names_ = ("DISPLAY", "WAYLAND_DISPLAY")
    return sys.platform in ("darwin", "win32") or any(name in os.environ for name in names_)


if __name__ == "__main__":
    main(lab)
