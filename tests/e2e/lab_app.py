"""The JupyterLab app of a deployment's space: its start, and notebooks that are run in it."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract import log_groups, names
from local import layout
from local.studio import environment
from tests.e2e.deployment import Deployment
from tests.e2e.studio import await_status

JUPYTER = environment.IMAGE / "bin" / "jupyter"
NOTEBOOK_SECONDS = 300
Notebook = dict[str, Any]  # as nbformat 4 has it


@dataclass(frozen=True)
class LabApp:
    """The app of a deployment's space."""

    deployment: Deployment

    @property
    def names(self) -> dict[str, str]:
        """The names of the app, as the API takes them."""
        space = names.space_name(self.deployment.name)
        app = {"AppType": "JupyterLab", "AppName": "default"}
        return {"DomainId": self.deployment.domain_id, "SpaceName": space, **app}

    def start(self) -> None:
        """Start the app, and return once it is in service."""
        sagemaker = self.deployment.client("sagemaker")
        sagemaker.create_app(**self.names)
        await_status(sagemaker.describe_app, "InService", **self.names)

    def restart(self) -> None:
        """Delete the app, and start it anew."""
        sagemaker = self.deployment.client("sagemaker")
        sagemaker.delete_app(**self.names)
        await_status(sagemaker.describe_app, "Deleted", **self.names)
        self.start()

    def url(self) -> str:
        """Return where the app is opened."""
        answer = self.deployment.client("sagemaker").create_presigned_domain_url(
            DomainId=self.deployment.domain_id,
            UserProfileName=names.user_profile_name(self.deployment.name),
            SpaceName=names.space_name(self.deployment.name),
        )
        return str(answer["AuthorizedUrl"])

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables of what runs in the app."""
        folder = self.deployment.account.folder
        app = self.names
        return environment.load(layout.app_environment(folder, app["DomainId"], app["SpaceName"]))

    @property
    def notebooks(self) -> Path:
        """The folder of the notebooks."""
        return Path(self.environment["HOME"]) / "factorstack"

    @property
    def kernel(self) -> dict[str, str]:
        """The environment variables that the lab's kernel has besides."""
        specification = (
            Path(self.environment["JUPYTER_DATA_DIR"]) / "kernels/factorstack/kernel.json"
        )
        variables: dict[str, str] = json.loads(specification.read_text())["env"]
        return variables

    def client(self, service: str) -> Any:
        """Return a boto3 client with the credentials of a kernel."""
        variables = self.environment
        return self.deployment.client(
            service,
            aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=variables["AWS_SESSION_TOKEN"],
        )

    def log(self) -> str:
        """Return what the script at the start of the app wrote, from CloudWatch."""
        app = self.names
        stream = f"{app['DomainId']}/{app['SpaceName']}/JupyterLab/default/LifecycleConfigOnStart"
        events = self.deployment.client("logs").get_log_events(
            logGroupName=log_groups.STUDIO, logStreamName=stream, startFromHead=True
        )["events"]
        return "\n".join(event["message"] for event in events)

    def run(self, notebook: str) -> Notebook:
        """Run a notebook in its own kernel from top to bottom; return it with its outputs."""
        executed = self.notebooks / f"executed-{notebook}"
        done = subprocess.run(
            [str(JUPYTER), "execute", f"--output={executed}", str(self.notebooks / notebook)],
            cwd=self.notebooks, env=self.environment, capture_output=True, text=True,
            check=False, timeout=NOTEBOOK_SECONDS,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        read: Notebook = json.loads(executed.read_text())
        return read


def results(notebook: Notebook) -> dict[str, float]:
    """Return what the last table of an executed notebook says came out."""
    tables = [
        "".join(output["data"]["text/plain"])
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if output["output_type"] == "execute_result"
    ]
    rows = [line.rsplit(maxsplit=1) for line in tables[-1].splitlines()[1:]]
    return {name.strip(): float(value) for name, value in rows}


def pictures(notebook: Notebook) -> int:
    """Return how many pictures an executed notebook has."""
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", [])]
    return sum("image/png" in output.get("data", {}) for output in outputs)
