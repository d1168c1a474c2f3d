"""The folders of the container contract, below any root: /opt/ml as SageMaker lays it out.

https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo.html
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.fm_container.errors import PlatformError

NAMED_ROOT = "/opt/ml"  # how logs name the root, wherever it lies


@dataclass(frozen=True)
class Hosts:
    """Which machine of a job this is."""

    current: str
    all: tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    """The paths below `root`."""

    root: Path

    @property
    def data(self) -> Path:
        """The channels' folder."""
        return self.root / "input" / "data"

    @property
    def model(self) -> Path:
        """Where the model is written, and read from when serving."""
        return self.root / "model"

    @property
    def failure(self) -> Path:
        """Where a failed job says why."""
        return self.root / "output" / "failure"

    def hyperparameters(self) -> dict[str, Any]:
        """The job's hyperparameters as they were given."""
        return self._config("hyperparameters")

    def channels(self) -> dict[str, Any]:
        """The job's channels: name -> settings."""
        return self._config("inputdataconfig")

    def hosts(self) -> Hosts:
        """The job's machines."""
        config = self._config("resourceconfig")
        try:
            return Hosts(str(config["current_host"]), tuple(map(str, config["hosts"])))
        except (KeyError, TypeError) as error:
            raise PlatformError(
                "resourceconfig.json names no current_host and hosts", type(error).__name__
            ) from error

    def _config(self, name: str) -> dict[str, Any]:
        path = self.root / "input" / "config" / f"{name}.json"
        try:
            config = json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            raise PlatformError(
                f"{NAMED_ROOT}/input/config/{name}.json cannot be read",
                type(error).__name__,
                str(error),
            ) from error
        if not isinstance(config, dict):
            raise PlatformError(f"{NAMED_ROOT}/input/config/{name}.json is not a JSON object")
        return config
