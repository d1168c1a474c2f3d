"""Trains, serves and transforms with the SageMaker Python SDK 3."""

import json
import sys
from typing import Any

import boto3
from sagemaker.core import image_uris
from sagemaker.core.analytics import TrainingJobAnalytics
from sagemaker.core.helper.session_helper import Session, get_execution_role
from sagemaker.core.resources import Endpoint, EndpointConfig, Model, TrainingJob, TransformJob
from sagemaker.core.shapes import (
    ContainerDefinition,
    ProductionVariant,
    TransformDataSource,
    TransformInput,
    TransformOutput,
    TransformResources,
    TransformS3DataSource,
)
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute, InputData, OutputDataConfig, StoppingCondition

WIDTH = 40
NAME = "sdk3"


def train(session: Any, image: str, role: str, bucket: str) -> str:
    """Use `ModelTrainer.train` with its logs, and return the URI of the artifact."""
    trainer = ModelTrainer(
        sagemaker_session=session,
        training_image=image,
        role=role,
        base_job_name=NAME,
        compute=Compute(instance_type="ml.m5.large", instance_count=1, volume_size_in_gb=5),
        stopping_condition=StoppingCondition(max_runtime_in_seconds=600),
        output_data_config=OutputDataConfig(
            s3_output_path=f"s3://{session.default_bucket()}/sdk3/jobs"
        ),
        hyperparameters={
            "feature_dim": WIDTH,
            "num_factors": 2,
            "predictor_type": "binary_classifier",
            "mini_batch_size": 100,
        },
    )
    channel = InputData(channel_name="train", data_source=f"s3://{bucket}/train/train.recordio")
    trainer.train(input_data_config=[channel], wait=True, logs=True)
    (job,) = TrainingJob.get_all(name_contains=NAME)
    job.refresh()
    assert job.training_job_status == "Completed", job
    analytics = TrainingJobAnalytics(job.training_job_name, sagemaker_session=session)
    metrics = set(analytics.dataframe()["metric_name"])
    assert {"train:progress", "train:binary_f_beta:epoch"} <= metrics, metrics
    return str(job.model_artifacts.s3_model_artifacts)


def serve(image: str, role: str, artifact: str) -> list[float]:
    """Make model, configuration and endpoint, and return the scores of two rows."""
    model = Model.create(
        model_name=NAME,
        execution_role_arn=role,
        primary_container=ContainerDefinition(image=image, model_data_url=artifact),
    )
    variant = ProductionVariant(
        variant_name="AllTraffic",
        model_name=NAME,
        instance_type="ml.m5.large",
        initial_instance_count=1,
    )
    config = EndpointConfig.create(endpoint_config_name=NAME, production_variants=[variant])
    endpoint = Endpoint.create(endpoint_name=NAME, endpoint_config_name=config)
    endpoint.wait_for_status("InService", poll=1)
    answer = endpoint.invoke(
        body=json.dumps({"instances": instances()}), content_type="application/json"
    )
    scores = [each["score"] for each in json.load(answer.body)["predictions"]]
    endpoint.delete()
    endpoint.wait_for_delete(poll=1)
    config.delete()
    assert Model.get(model_name=model.model_name).model_name == NAME
    return scores


def instances() -> list[dict[str, Any]]:
    """Return two rows as FM's sparse JSON."""
    return [
        {"data": {"features": {"keys": [user, 30], "shape": [WIDTH], "values": [1.0, 1.0]}}}
        for user in (1, 2)
    ]


def transform(bucket: str) -> list[float]:
    """Return the scores of the same rows from a transform job with the same model."""
    lines = "\n".join(json.dumps(instance) for instance in instances())
    s3 = boto3.client("s3")
    s3.put_object(Bucket=bucket, Key="sdk3/batch/rows.jsonl", Body=lines)
    source = TransformS3DataSource(s3_data_type="S3Prefix", s3_uri=f"s3://{bucket}/sdk3/batch")
    job = TransformJob.create(
        transform_job_name=NAME,
        model_name=NAME,
        transform_input=TransformInput(
            data_source=TransformDataSource(s3_data_source=source),
            content_type="application/jsonlines",
            split_type="Line",
        ),
        transform_output=TransformOutput(
            s3_output_path=f"s3://{bucket}/sdk3/answers",
            accept="application/jsonlines",
            assemble_with="Line",
        ),
        transform_resources=TransformResources(instance_type="ml.m5.large", instance_count=1),
    )
    job.wait(poll=1)
    answer = s3.get_object(Bucket=bucket, Key="sdk3/answers/rows.jsonl.out")["Body"].read()
    return [json.loads(line)["score"] for line in answer.splitlines()]


def main(role: str, bucket: str) -> None:
    """Do everything; an exception fails the check."""
    session = Session()
    assert get_execution_role(session) == role
    image = image_uris.retrieve("factorization-machines", session.boto_region_name)
    artifact = train(session, image, role, bucket)
    live, batch = serve(image, role, artifact), transform(bucket)
    assert [round(score, 5) for score in live] == [round(score, 5) for score in batch]
    Model.get(model_name=NAME).delete()


if __name__ == "__main__":
    main(*sys.argv[1:])
