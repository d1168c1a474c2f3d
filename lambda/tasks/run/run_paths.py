"""Where one run keeps its files in S3, and the name of its training job."""

import hashlib
import re
from dataclasses import dataclass

from tasks.run.errors import InvalidInputError

_RUN_OF_MODEL = re.compile(r"^s3://(?P<bucket>[^/]+)/runs/(?P<execution>[^/]+)/model/.+\.tar\.gz$")


@dataclass(frozen=True)
class Run:
    """One execution's part of the bucket: `runs/<execution>/`."""

    bucket: str
    execution: str

    @classmethod
    def of_model(cls, model_data_url: str) -> "Run":
        """Return the run that trained the artifact at `model_data_url`.

        Raises:
            InvalidInputError: the artifact is not one that a run of this state machine wrote.
        """
        match = _RUN_OF_MODEL.match(model_data_url)
        if match is None:
            raise InvalidInputError(
                f"model_data_url: {model_data_url} is not a model of an earlier run "
                "(s3://<bucket>/runs/<execution>/model/<job>/output/model.tar.gz)"
            )
        return cls(match["bucket"], match["execution"])

    def key(self, name: str) -> str:
        """Return the object key of `name` in this run's folder."""
        return f"runs/{self.execution}/{name}"

    def uri(self, name: str) -> str:
        """Return the S3 URI of `name` in this run's folder."""
        return f"s3://{self.bucket}/{self.key(name)}"

    def training_job_prefix(self, deployment: str) -> str:
        """Return the job's name without the attempt, which a retry counts up.

        The execution's name is hashed: it may be longer than a job's name and hold other
        characters (CreateTrainingJob: at most 63 of `[a-zA-Z0-9-]`).
        """
        digest = hashlib.sha256(self.execution.encode()).hexdigest()[:12]
        return f"{deployment}-train-{digest}"
