"""What the report tells, and how its facts are worded."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from data_prep.manifest import Manifest
from tasks.report.prices import training_cost
from tasks.run.training_log import Epoch


@dataclass(frozen=True, eq=False)
class Content:
    """The run's numbers: of the evaluation, the gate, the training job and the prepared data.

    `labels` and `scores` (by system) are those of the held-out rows, float32, shape (n,); `job` is
    DescribeTrainingJob's answer; `started` and `written` are when the execution started and when
    this report was made.
    """

    deployment: str
    execution: str
    input: Mapping[str, Any]
    evaluation: Mapping[str, Any]
    verdict: Mapping[str, Any]
    labels: npt.NDArray[np.float32]
    scores: Mapping[str, npt.NDArray[np.float32]]
    epochs: Sequence[Epoch]
    job: Mapping[str, Any]
    manifest: Manifest
    users: int
    items: int
    started: datetime
    written: datetime

    def data(self) -> dict[str, object]:
        """What the model learned from."""
        manifest = self.manifest
        train, test = manifest.rows.train, manifest.rows.test
        split = manifest.split
        return {
            "source": ", ".join(source.name for source in manifest.fingerprints.sources),
            "training rows": f"{train:,}" + self._share("train"),
            "held-out rows": f"{test:,}" + self._share("test"),
            "users": f"{self.users:,}",
            "items": f"{self.items:,}",
            "density": f"{train / max(1, self.users * self.items):.2%} of all pairs",
            "features": f"{manifest.feature_dim:,} columns",
            "fields": ", ".join(f"{field.name} ({field.kind})" for field in manifest.fields),
            "split": f"{split.strategy}, {split.test_fraction:.0%} held out, seed {split.seed}",
        }

    def hyperparameters(self) -> dict[str, object]:
        """The training job's, as SageMaker has them."""
        return dict(sorted(self.job["HyperParameters"].items()))

    def time_and_cost(self) -> dict[str, object]:
        """Seconds and dollars; what an account does not tell is left out."""
        job = self.job
        resources = job["ResourceConfig"]
        billable = job.get("BillableTimeInSeconds")
        kind, count = resources["InstanceType"], resources["InstanceCount"]
        cost = None if billable is None else training_cost(kind, count, billable)
        return {
            "training job": job["TrainingJobName"],
            "instance": f"{count} x {kind}",
            "training": self._training_time(),
            "billed": None if billable is None else f"{billable:,} s",
            "training cost": None
            if cost is None
            else f"${cost:.4f} at us-east-1's on-demand list price",
            "run until this report": duration((self.written - self.started).total_seconds()),
            "started": f"{self.started:%Y-%m-%d %H:%M:%S} UTC",
        }

    def cost(self) -> str:
        """The training's cost for a tile; empty when it is not known."""
        found = self.time_and_cost()["training cost"]
        return str(found).split(" ", 1)[0] if found else ""

    def input_text(self) -> str:
        """The execution input as it was given."""
        return json.dumps(self.input, indent=2)

    def _training_time(self) -> str | None:
        start, end = self.job.get("TrainingStartTime"), self.job.get("TrainingEndTime")
        return duration((end - start).total_seconds()) if start and end else None

    def _share(self, part: str) -> str:
        positives = self.manifest.positives
        if positives is None:
            return ""
        rows = getattr(self.manifest.rows, part)
        return f", {getattr(positives, part) / max(1, rows):.1%} with label 1"


def duration(seconds: float) -> str:
    """A time for people: 12.3 s, 4 min 5 s, 2 h 3 min."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
