"""A training job and its run: the states, the container, the files, and how it ends."""

import json
import logging
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from contract import log_groups
from local.ministack.adapter import Credentials
from local.sagemaker.core import access, clients, settings, storage
from local.sagemaker.core.api import Description
from local.sagemaker.core.container import Container
from local.sagemaker.core.log_stream import LogStream
from local.sagemaker.core.region import Resource
from local.sagemaker.core.timing import now
from local.sagemaker.resources.training_configuration import configuration
from local.sagemaker.resources.training_metrics import Metrics

MESSAGES = {
    "Downloading": "Downloading the training image",
    "Training": "Training image download completed. Training in progress.",
    "Uploading": "Uploading generated training model",
    "Stopping": "Stopping the training job",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
}
FAILURES = {
    "Customer Error": "ClientError",
    "Algorithm Error": "AlgorithmError",
    "Platform Error": "InternalServerError",
}
FOLDERS = ("input/config", "input/data", "model", "output/data", "checkpoints")
MAX_REASON = 1024
METRICS_PER_REQUEST = 1000  # CloudWatch's limit
DAY = 24 * 60 * 60  # the MaxRuntimeInSeconds of jobs that name none
log = logging.getLogger("sagemaker")


@dataclass(eq=False)
class TrainingJob(Resource):
    """A training job.

    Attributes:
        stopping: set once the job is to end early.
    """

    kind = "training-job"
    noun = "TrainingJob"
    named_by = ("TrainingJobName",)

    stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def name(self) -> str:
        """The job's name."""
        return str(self.description["TrainingJobName"])

    @property
    def status(self) -> str:
        """The state that the job is in, without the details of SecondaryStatus."""
        return str(self.description["TrainingJobStatus"])

    def request_stop(self) -> None:
        """Let the job end as Stopped."""
        self.enter("Stopping", status="Stopping")
        self.stopping.set()

    def enter(self, secondary: str, status: str | None = None) -> None:
        """Enter a SecondaryStatus, and a TrainingJobStatus if that changes as well."""
        with self.region.lock:
            entered = now()
            transitions = self.description["SecondaryStatusTransitions"]
            transitions[-1]["EndTime"] = entered
            transitions.append(
                {"Status": secondary, "StartTime": entered, "StatusMessage": MESSAGES[secondary]}
            )
            self.description |= {"SecondaryStatus": secondary, "LastModifiedTime": entered}
            if status:
                self.description["TrainingJobStatus"] = status

    def end(
        self,
        status: str,
        secondary: str | None = None,
        *,
        reason: str | None = None,
        metrics: list[Description] | None = None,
    ) -> None:
        """End the job, whichever state it is in.

        Args:
            status: the last TrainingJobStatus.
            secondary: the last SecondaryStatus, if it is another.
            reason: the FailureReason.
            metrics: the FinalMetricDataList.
        """
        with self.region.lock:
            self.enter(secondary or status, status)
            job = self.description
            ended = job["TrainingEndTime"] = job["LastModifiedTime"]
            job["SecondaryStatusTransitions"][-1]["EndTime"] = ended
            seconds = (ended - job.get("TrainingStartTime", ended)).total_seconds()
            job["TrainingTimeInSeconds"] = job["BillableTimeInSeconds"] = max(1, round(seconds))
            if reason:
                job["FailureReason"] = reason[:MAX_REASON]
                job["SecondaryStatusTransitions"][-1]["StatusMessage"] = reason[:MAX_REASON]
            if metrics:
                job["FinalMetricDataList"] = metrics


def start(job: TrainingJob) -> None:
    """Run the job in the background."""
    threading.Thread(target=_run, args=(job,), daemon=True).start()


def _run(job: TrainingJob) -> None:
    container = Container.create(job.name[:20])
    try:
        credentials = access.assume(job.description["RoleArn"], "SageMaker", job.arn)
        stream = f"{job.name}/algo-1-{int(time.time())}"
        logs = LogStream(log_groups.TRAINING_JOBS, stream, job.region.name, credentials)
        _Run(job, container, credentials, logs, Metrics()).run()
    except storage.TransferError as error:
        job.end("Failed", reason=str(error))
    except Exception:
        log.exception("training job %s", job.name)
        job.end("Failed", reason="InternalServerError: We encountered an error.")
    finally:
        container.remove()


@dataclass(frozen=True)
class _Run:
    """What the states of one run share."""

    job: TrainingJob
    container: Container
    credentials: Credentials
    logs: LogStream
    metrics: Metrics

    def run(self) -> None:
        """Go through every state of the job."""
        job = self.job
        self._pause()
        self._enter("Downloading")
        with job.region.lock:
            job.description["TrainingStartTime"] = now()
        self._lay_out()
        self._pause()
        if job.stopping.is_set():
            job.end("Stopped")
            return
        self._enter("Training")
        code, timed_out = self._train()
        self.logs.flush()
        self._publish_metrics()
        if code != 0 and not job.stopping.is_set() and not timed_out:
            self._upload_output()
            failure = self.container.root / "output" / "failure"
            job.end("Failed", reason=_failure_reason(failure, code))
            return
        self._enter("Uploading")
        self._pause()
        self._upload()
        status = "Stopped" if job.stopping.is_set() or timed_out else "Completed"
        secondary = "MaxRuntimeExceeded" if timed_out else status
        job.end(status, secondary, metrics=self.metrics.final())

    def _lay_out(self) -> None:
        root, description = self.container.root, self.job.description
        for folder in FOLDERS:
            (root / folder).mkdir(parents=True)
        for channel in description.get("InputDataConfig", []):
            storage.download(
                channel["DataSource"]["S3DataSource"],
                root / "input" / "data" / channel["ChannelName"],
                self.job.region.name,
                self.credentials,
            )
        for name, content in configuration(description).items():
            (root / "input" / "config" / f"{name}.json").write_text(json.dumps(content))

    def _train(self) -> tuple[int, bool]:
        """Return the container's exit code, and whether it took too long."""
        job = self.job
        self.container.start(
            "train",
            environment={
                "TRAINING_JOB_NAME": job.name,
                "TRAINING_JOB_ARN": job.arn,
                "AWS_REGION": job.region.name,
                **job.description.get("Environment", {}),
            },
            on_line=self._take_line,
        )
        limit = job.description["StoppingCondition"].get("MaxRuntimeInSeconds", DAY)
        deadline = time.monotonic() + limit
        while (code := self.container.wait(0.05)) is None:
            timed_out = time.monotonic() > deadline
            if timed_out or job.stopping.is_set():
                self.container.stop()
                return self.container.wait() or 0, timed_out
        return code, False

    def _take_line(self, line: str) -> None:
        self.logs.write(line)
        self.metrics.read(line)

    def _publish_metrics(self) -> None:
        """Write the metrics to CloudWatch, if the role may."""
        dimensions = [{"Name": "TrainingJobName", "Value": self.job.name}]
        data = [value | {"Dimensions": dimensions} for value in self.metrics.values]
        cloudwatch = clients.client("cloudwatch", self.job.region.name, self.credentials)
        try:
            for start in range(0, len(data), METRICS_PER_REQUEST):
                cloudwatch.put_metric_data(
                    Namespace=log_groups.TRAINING_JOBS,
                    MetricData=data[start : start + METRICS_PER_REQUEST],
                )
        except (ClientError, BotoCoreError) as error:
            log.warning("no metrics of %s: %s", self.job.name, error)

    def _upload(self) -> None:
        target = self._output_uri("model.tar.gz")
        storage.upload_archive(
            self.container.root / "model", target, self.job.region.name, self.credentials
        )
        with self.job.region.lock:
            self.job.description["ModelArtifacts"] = {"S3ModelArtifacts": target}
        self._upload_output()

    def _upload_output(self) -> None:
        data = self.container.root / "output" / "data"
        if any(data.iterdir()):
            target = self._output_uri("output.tar.gz")
            storage.upload_archive(data, target, self.job.region.name, self.credentials)

    def _output_uri(self, name: str) -> str:
        folder = self.job.description["OutputDataConfig"]["S3OutputPath"].rstrip("/")
        return f"{folder}/{self.job.name}/output/{name}"

    def _enter(self, secondary: str) -> None:
        if not self.job.stopping.is_set():
            self.job.enter(secondary)

    def _pause(self) -> None:
        self.job.stopping.wait(settings.state_delay())


def _failure_reason(failure: Path, code: int) -> str:
    text = failure.read_text(errors="replace").strip() if failure.exists() else ""
    prefix, colon, rest = text.partition(": ")
    if colon and prefix in FAILURES:
        reason = f"{FAILURES[prefix]}: {rest}"
    else:
        reason = f"AlgorithmError: {text or 'See job logs for more information'}"
    return f"{reason[: MAX_REASON - 16]}, exit code: {code}"
