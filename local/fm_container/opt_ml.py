"""The folders of the container contract, below any root: /opt/ml as SageMaker lays it out.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo.html
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from local.fm_container.errors import PlatformError

OPT_ML = "/opt/ml"  # how logs and messages name the root, wherever it is


@dataclass(frozen=True)
class Hosts:
    """The machines of a job.

    Attributes:
        current: Name of this one.
        all: Names of all, this one among them.
    """

    current: str
    all: tuple[str, ...]


class ChannelConfig(TypedDict, total=False):
    """A channel as `inputdataconfig.json` describes it."""

    ContentType: str
    TrainingInputMode: str


@dataclass(frozen=True)
class OptMl:
    """The paths and configuration files below `root`."""

    root: Path

    @property
    def data(self) -> Path:
        """The channels' folder."""
        return self.root / "input" / "data"

    @property
    def model(self) -> Path:
        """The folder into which a model is written, and from which it is served."""
        return self.root / "model"

    @property
    def failure(self) -> Path:
        """The file in which a failed job says why."""
        return self.root / "output" / "failure"

    def hyperparameters(self) -> dict[str, object]:
        """Read the job's hyperparameters, unchecked.

        Raises:
            PlatformError: The file is missing or damaged.
        """
        return self._config("hyperparameters")

    def channels(self) -> dict[str, ChannelConfig]:
        """Read the job's channels: name -> configuration.

        Raises:
            PlatformError: The file is missing or damaged.
        """
        return self._config("inputdataconfig")

    def hosts(self) -> Hosts:
        """Read the job's machines.

        Raises:
            PlatformError: The file is missing or damaged, or names no machine.
        """
        config = self._config("resourceconfig")
        try:
            return Hosts(str(config["current_host"]), tuple(map(str, config["hosts"])))
        except (KeyError, TypeError) as error:
            raise PlatformError(
                "resourceconfig.json names no current_host and hosts", type(error).__name__
            ) from error

    def _config(self, name: str) -> dict[str, Any]:  # JSON whose values are not checked
        path = self.root / "input" / "config" / f"{name}.json"
        try:
            config = json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            raise PlatformError(
                f"{OPT_ML}/input/config/{name}.json cannot be read",
                type(error).__name__,
                str(error),
            ) from error
        if not isinstance(config, dict):
            raise PlatformError(f"{OPT_ML}/input/config/{name}.json is not a JSON object")
        return config
