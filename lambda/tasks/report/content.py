"""What the report says, and how its facts are worded."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Self

from data_prep.manifest import Manifest
from tasks.evaluation import gate
from tasks.evaluation.evaluation import Evaluation
from tasks.evaluation.measurements import Measurements
from tasks.report.prices import training_cost
from tasks.run import execution_input
from tasks.run.aws_types import TrainingJobDescription
from tasks.run.catalogue import Catalogue
from tasks.run.payloads import EvaluateModelEvent, UncheckedJson, Verdict
from tasks.run.training_log import Epoch


@dataclass(frozen=True, eq=False)
class Content:
    """The run's numbers: of the evaluation, the gate, the training job and the prepared data.

    Attributes:
        deployment: the deployment's name.
        execution: the execution's name.
        input: the execution input as it was given.
        evaluation: of the trained model.
        verdict: what the gate makes of it.
        epochs: the learning curve; empty when the job's log cannot be read.
        jobs: the training job, and that of the second model, by time, if there is one.
        manifest: that of the prepared data.
        users: number of users that training knows.
        items: number of items that training knows.
        started: when the execution started.
        written: when this report was made.
    """

    deployment: str
    execution: str
    input: UncheckedJson
    evaluation: Evaluation
    verdict: Verdict
    epochs: Sequence[Epoch]
    jobs: Sequence[TrainingJobDescription]
    manifest: Manifest
    users: int
    items: int
    started: datetime
    written: datetime

    @classmethod
    def of_execution(
        cls,
        event: EvaluateModelEvent,
        deployment: str,
        evaluation: Evaluation,
        catalogue: Catalogue,
        epochs: Sequence[Epoch],
        jobs: Sequence[TrainingJobDescription],
        written: datetime,
    ) -> Self:
        """Return the content of the report that EvaluateModel makes for `event`."""
        settings = execution_input.parse(event["input"])
        return cls(
            deployment=deployment,
            execution=event["execution"],
            input=event["input"],
            evaluation=evaluation,
            verdict=gate.verdict(settings, evaluation.measurements),
            epochs=epochs,
            jobs=jobs,
            manifest=catalogue.encoder.manifest,
            users=catalogue.users,
            items=catalogue.items,
            started=datetime.fromisoformat(event["started"]),
            written=written,
        )

    @property
    def measurements(self) -> Measurements:
        """All metrics of all systems."""
        return self.evaluation.measurements

    @property
    def job(self) -> TrainingJobDescription:
        """The training job of the run's own model."""
        return self.jobs[0]

    def data(self) -> dict[str, object]:
        """Return what the model was trained on."""
        manifest = self.manifest
        train, test = manifest.rows.train, manifest.rows.test
        happened = train - manifest.sampled.train
        split, history, negatives = manifest.split, manifest.history, manifest.negatives
        return {
            "purpose": manifest.purpose,
            "source": ", ".join(source.name for source in manifest.fingerprints.sources),
            "training rows": f"{train:,}" + self._share("train"),
            "held-out rows": f"{test:,}" + self._share("test"),
            "users": f"{self.users:,}",
            "items": f"{self.items:,}",
            "density": f"{happened / max(1, self.users * self.items):.2%} of all pairs",
            "history": history and f"up to {history.most} items a user",
            "negatives": negatives
            and f"{negatives.per_positive} for each positive, by popularity^{negatives.power:g}",
            "features": f"{manifest.feature_dim:,} columns",
            "fields": ", ".join(f"{field.name} ({field.kind})" for field in manifest.fields),
            "split": f"{split.strategy}, {split.test_fraction:.0%} held out, seed {split.seed}",
        }

    def hyperparameters(self) -> dict[str, object]:
        """Return the training job's hyperparameters, as SageMaker shows them."""
        return dict(sorted(self.job["HyperParameters"].items()))

    def time_and_cost(self) -> dict[str, object]:
        """Return times and costs; None for what SageMaker does not report."""
        job, second = self.job, self.jobs[1] if len(self.jobs) > 1 else None
        resources = job["ResourceConfig"]
        cost = self.cost()
        return {
            "training job": job["TrainingJobName"],
            "instance": f"{resources['InstanceCount']} x {resources['InstanceType']}",
            "training": self._training_time(),
            "billed": _billed(job),
            "second model's job": second and second["TrainingJobName"],
            "billed for it": second and _billed(second),
            "training cost": cost and f"{cost} at us-east-1's on-demand list price",
            "run until this report": duration((self.written - self.started).total_seconds()),
            "started": f"{self.started:%Y-%m-%d %H:%M:%S} UTC",
        }

    def cost(self) -> str | None:
        """Return what all training cost; None when it is not known."""
        costs = [cost for cost in map(_cost, self.jobs) if cost is not None]
        return f"${sum(costs):.4f}" if len(costs) == len(self.jobs) else None

    def input_text(self) -> str:
        """Return the execution input as it was given."""
        return json.dumps(self.input, indent=2)

    def _training_time(self) -> str | None:
        start, end = self.job.get("TrainingStartTime"), self.job.get("TrainingEndTime")
        return duration((end - start).total_seconds()) if start and end else None

    def _share(self, part: Literal["train", "test"]) -> str:
        positives = self.manifest.positives
        if positives is None:
            return ""
        rows = getattr(self.manifest.rows, part)
        return f", {getattr(positives, part) / max(1, rows):.1%} with label 1"


def _billed(job: TrainingJobDescription) -> str | None:
    billable = job.get("BillableTimeInSeconds")
    return None if billable is None else f"{billable:,} s"


def _cost(job: TrainingJobDescription) -> float | None:
    billable, resources = job.get("BillableTimeInSeconds"), job["ResourceConfig"]
    if billable is None:
        return None
    return training_cost(resources["InstanceType"], resources["InstanceCount"], billable)


def duration(seconds: float) -> str:
    """Return a time for people: 12.3 s, 4 min 5 s, 2 h 3 min."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
