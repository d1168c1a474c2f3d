"""The run of a training job: its states, its container, its files, and how it ends."""

import json
import logging
import threading
import time
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from contract import log_groups
from local.sagemaker.core import access, clients, settings, storage
from local.sagemaker.core.container import Container
from local.sagemaker.core.log_stream import LogStream
from local.sagemaker.core.region import Record, Region, now
from local.sagemaker.resources.training_metrics import FinalMetrics

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
MAX_REASON = 1024
log = logging.getLogger("sagemaker")


def start(region: Region, record: Record) -> None:
    """Run the job in the background."""
    record["_stop"] = threading.Event()
    threading.Thread(target=_run, args=(region, record), daemon=True).start()


def request_stop(region: Region, record: Record) -> None:
    """Let the job end as Stopped."""
    _enter(region, record, "Stopping", status="Stopping")
    record["_stop"].set()


def _run(region: Region, record: Record) -> None:
    container = Container(record["TrainingJobName"][:20])
    try:
        _Run(region, record, container).go()
    except storage.TransferError as error:
        end(region, record, "Failed", reason=str(error))
    except Exception:
        log.exception("training job %s", record["TrainingJobName"])
        end(region, record, "Failed", reason="InternalServerError: We encountered an error.")
    finally:
        container.remove()


class _Run:
    def __init__(self, region: Region, record: Record, container: Container) -> None:
        self.region = region
        self.record = record
        self.container = container
        self.stopping: threading.Event = record["_stop"]
        self.credentials = access.assume(record["RoleArn"], "SageMaker", record["TrainingJobArn"])
        self.logs = LogStream(
            log_groups.TRAINING_JOBS,
            f"{record['TrainingJobName']}/algo-1-{int(time.time())}",
            region.name,
            self.credentials,
        )
        self.metrics = FinalMetrics()

    def go(self) -> None:
        """Every state of the job, one after the other."""
        self._pause()
        self._enter("Downloading")
        with self.region.lock:
            self.record["TrainingStartTime"] = now()
        self._lay_out()
        self._pause()
        if self.stopping.is_set():
            end(self.region, self.record, "Stopped")
            return
        self._enter("Training")
        code, timed_out = self._train()
        self.logs.flush()
        failure = self.container.root / "output" / "failure"
        if code != 0 and not self.stopping.is_set() and not timed_out:
            self._upload_output()
            end(self.region, self.record, "Failed", reason=_failure_reason(failure, code))
            return
        self._enter("Uploading")
        self._pause()
        self._upload()
        ending = "Stopped" if self.stopping.is_set() or timed_out else "Completed"
        secondary = "MaxRuntimeExceeded" if timed_out else ending
        self._publish_metrics()
        end(self.region, self.record, ending, secondary, metrics=self.metrics.list())

    def _lay_out(self) -> None:
        root, record = self.container.root, self.record
        for folder in ("input/config", "input/data", "model", "output/data", "checkpoints"):
            (root / folder).mkdir(parents=True)
        for channel in record.get("InputDataConfig", []):
            storage.download(
                channel["DataSource"]["S3DataSource"],
                root / "input" / "data" / channel["ChannelName"],
                self.region.name,
                self.credentials,
            )
        for name, content in _configuration(record).items():
            (root / "input" / "config" / f"{name}.json").write_text(json.dumps(content))

    def _train(self) -> tuple[int, bool]:
        self.container.start(
            "train",
            environment={
                "TRAINING_JOB_NAME": self.record["TrainingJobName"],
                "TRAINING_JOB_ARN": self.record["TrainingJobArn"],
                "AWS_REGION": self.region.name,
                **self.record.get("Environment", {}),
            },
            each_line=self._take_line,
        )
        limit = self.record["StoppingCondition"].get("MaxRuntimeInSeconds", 86400)
        deadline = time.monotonic() + limit
        while (code := self.container.wait(0.05)) is None:
            late = time.monotonic() > deadline
            if late or self.stopping.is_set():
                self.container.stop()
                return self.container.wait() or 0, late
        return code, False

    def _take_line(self, line: str) -> None:
        self.logs.write(line)
        self.metrics.read(line)

    def _publish_metrics(self) -> None:
        """The final metrics to CloudWatch; a role that may not write them loses them."""
        dimensions = [{"Name": "Host", "Value": f"{self.record['TrainingJobName']}/algo-1"}]
        data = [metric | {"Dimensions": dimensions} for metric in self.metrics.list()]
        cloudwatch = clients.client("cloudwatch", self.region.name, self.credentials)
        try:
            if data:
                cloudwatch.put_metric_data(Namespace=log_groups.TRAINING_JOBS, MetricData=data)
        except (ClientError, BotoCoreError) as error:
            log.warning("no metrics of %s: %s", self.record["TrainingJobName"], error)

    def _upload(self) -> None:
        target = self._output_uri("model.tar.gz")
        storage.upload_archive(
            self.container.root / "model", target, self.region.name, self.credentials
        )
        with self.region.lock:
            self.record["ModelArtifacts"] = {"S3ModelArtifacts": target}
        self._upload_output()

    def _upload_output(self) -> None:
        data = self.container.root / "output" / "data"
        if any(data.iterdir()):
            storage.upload_archive(
                data, self._output_uri("output.tar.gz"), self.region.name, self.credentials
            )

    def _output_uri(self, name: str) -> str:
        base = self.record["OutputDataConfig"]["S3OutputPath"].rstrip("/")
        return f"{base}/{self.record['TrainingJobName']}/output/{name}"

    def _enter(self, secondary: str) -> None:
        if not self.stopping.is_set():
            _enter(self.region, self.record, secondary)

    def _pause(self) -> None:
        self.stopping.wait(settings.state_delay())


def _configuration(record: Record) -> dict[str, Any]:
    """The files of /opt/ml/input/config."""
    host = "algo-1"
    resources = record.get("ResourceConfig", {})
    hosts = [f"algo-{number + 1}" for number in range(resources.get("InstanceCount", 1))]
    return {
        "hyperparameters": record["HyperParameters"],
        "resourceconfig": {
            "current_host": host,
            "current_instance_type": resources.get("InstanceType", ""),
            "current_group_name": "homogeneousCluster",
            "hosts": hosts,
            "instance_groups": [
                {
                    "instance_group_name": "homogeneousCluster",
                    "instance_type": resources.get("InstanceType", ""),
                    "hosts": hosts,
                }
            ],
            "network_interface_name": "eth0",
        },
        "inputdataconfig": {
            channel["ChannelName"]: {
                "TrainingInputMode": "File",
                "S3DistributionType": channel["DataSource"]["S3DataSource"].get(
                    "S3DataDistributionType", "FullyReplicated"
                ),
                "RecordWrapperType": channel.get("RecordWrapperType", "None"),
                **({"ContentType": channel["ContentType"]} if "ContentType" in channel else {}),
            }
            for channel in record.get("InputDataConfig", [])
        },
    }


def _failure_reason(failure: Path, code: int) -> str:
    text = failure.read_text(errors="replace").strip() if failure.exists() else ""
    prefix, colon, rest = text.partition(": ")
    if colon and prefix in FAILURES:
        reason = f"{FAILURES[prefix]}: {rest}"
    else:
        reason = (
            f"AlgorithmError: {text}"
            if text
            else "AlgorithmError: See job logs for more information"
        )
    return f"{reason[: MAX_REASON - 16]}, exit code: {code}"


def _enter(region: Region, record: Record, secondary: str, status: str | None = None) -> None:
    with region.lock:
        time_now = now()
        transitions = record["SecondaryStatusTransitions"]
        transitions[-1]["EndTime"] = time_now
        transitions.append(
            {"Status": secondary, "StartTime": time_now, "StatusMessage": MESSAGES[secondary]}
        )
        record["SecondaryStatus"] = secondary
        record["LastModifiedTime"] = time_now
        if status:
            record["TrainingJobStatus"] = status


def end(
    region: Region,
    record: Record,
    status: str,
    secondary: str | None = None,
    *,
    reason: str | None = None,
    metrics: list[dict[str, Any]] | None = None,
) -> None:
    """Let the job end with a status, at whichever point it was."""
    with region.lock:
        _enter(region, record, secondary or status, status)
        ended = record["LastModifiedTime"]
        record["SecondaryStatusTransitions"][-1]["EndTime"] = ended
        record["TrainingEndTime"] = ended
        seconds = (ended - record.get("TrainingStartTime", ended)).total_seconds()
        record["TrainingTimeInSeconds"] = record["BillableTimeInSeconds"] = max(1, round(seconds))
        if reason:
            record["FailureReason"] = reason[:MAX_REASON]
            record["SecondaryStatusTransitions"][-1]["StatusMessage"] = reason[:MAX_REASON]
        if metrics:
            record["FinalMetricDataList"] = metrics
