"""Where one run keeps its files in S3, and the names of its training jobs."""

from dataclasses import dataclass, replace

from contract import names, s3_layout
from tasks.run.errors import InvalidInputError


@dataclass(frozen=True)
class Run:
    """One execution's part of the bucket: `runs/<execution>/`.

    Attributes:
        bucket: the deployment's bucket.
        execution: the execution's name.
        is_second: whether these are the names of its second model, which is trained by time.
    """

    bucket: str
    execution: str
    is_second: bool = False

    @classmethod
    def of_model(cls, model_data_url: str) -> "Run":
        """Return the run that trained the artifact at `model_data_url`.

        Raises:
            InvalidInputError: the artifact is not one that a run of this state machine wrote.
        """
        bucket_and_execution = s3_layout.run_of_artifact(model_data_url)
        if bucket_and_execution is None:
            raise InvalidInputError(
                f"model_data_url: {model_data_url} is not a model of an earlier run "
                f"(s3://<bucket>/{s3_layout.run_prefix('<execution>')}{s3_layout.MODEL}<job>/output/"
                "model.tar.gz)"
            )
        return cls(*bucket_and_execution)

    def by_time(self) -> "Run":
        """Return the run with the names of its second model."""
        return replace(self, is_second=True)

    def key(self, name: str) -> str:
        """Return the object key of `name` in this run's folder."""
        folder = s3_layout.BY_TIME if self.is_second else ""
        return s3_layout.run_prefix(self.execution) + folder + name

    def uri(self, name: str) -> str:
        """Return the S3 URI of `name` in this run's folder."""
        return f"s3://{self.bucket}/{self.key(name)}"

    def training_job_prefix(self, deployment: str) -> str:
        """Return the name of this run's training job without the attempt."""
        return names.execution_job_prefix(deployment, self.execution, by_time=self.is_second)
