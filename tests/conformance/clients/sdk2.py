"""Trains, deploys, predicts, transforms and cleans up with the SageMaker Python SDK 2."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import numpy.typing as npt
import sagemaker
from sagemaker import FactorizationMachines, image_uris
from sagemaker.amazon.common import write_spmatrix_to_sparse_tensor
from sagemaker.deserializers import JSONDeserializer
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.serializers import JSONSerializer
from scipy.sparse import csr_matrix

Rows = npt.NDArray[np.float32]
WIDTH, ROWS = 40, 300


def interactions() -> tuple[Rows, Rows]:
    """Return two-hot rows, and labels that depend on them."""
    random = np.random.default_rng(3)
    features = np.zeros((ROWS, WIDTH), dtype=np.float32)
    pairs = np.stack([random.integers(0, 20, ROWS), random.integers(20, 40, ROWS)], axis=1)
    np.put_along_axis(features, pairs, 1.0, axis=1)
    return features, (pairs.sum(axis=1) % 2).astype(np.float32)


def upload(bucket: str, features: Rows, labels: Rows) -> str:
    """Store the rows as sparse RecordIO with the writer of the SDK, and return the URI."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.protobuf"
        with path.open("wb") as file:
            write_spmatrix_to_sparse_tensor(file, csr_matrix(features), labels)
        boto3.client("s3").upload_file(str(path), bucket, "sdk2/train/train.protobuf")
    return f"s3://{bucket}/sdk2/train/train.protobuf"


def sparse_instance(row: Rows) -> dict[str, Any]:
    """Return a row as FM's sparse JSON."""
    keys = [int(key) for key in np.flatnonzero(row)]
    tensor = {"keys": keys, "shape": [WIDTH], "values": [1.0] * len(keys)}
    return {"data": {"features": tensor}}


def estimator_and_predictor(session: Any, role: str, train: str, bucket: str, rows: Rows) -> None:
    """Use `Estimator.fit` with logs, `deploy`, `predict` and `Transformer`."""
    estimator = Estimator(
        image_uris.retrieve("factorization-machines", session.boto_region_name),
        role,
        instance_count=1,
        instance_type="ml.m5.large",
        output_path=f"s3://{bucket}/sdk2/jobs",
        sagemaker_session=session,
        hyperparameters={
            "feature_dim": WIDTH,
            "num_factors": 2,
            "predictor_type": "binary_classifier",
            "mini_batch_size": 100,
            "epochs": 2,
        },
    )
    estimator.fit({"train": TrainingInput(train)}, logs="All")
    attached = Estimator.attach(estimator.latest_training_job.name, sagemaker_session=session)
    assert attached.model_data == estimator.model_data
    metrics = set(estimator.training_job_analytics.dataframe()["metric_name"])
    assert {"train:progress", "train:binary_f_beta:epoch"} <= metrics, metrics
    predictor = estimator.deploy(
        initial_instance_count=1,
        instance_type="ml.m5.large",
        serializer=JSONSerializer(),
        deserializer=JSONDeserializer(),
    )
    instances = [sparse_instance(row) for row in rows[:5]]
    answer = predictor.predict({"instances": instances})
    assert len(answer["predictions"]) == 5, answer
    transform(estimator, session, bucket, instances, answer["predictions"])
    predictor.delete_model()
    predictor.delete_endpoint()


def transform(
    estimator: Any, session: Any, bucket: str, instances: list[Any], expected: list[Any]
) -> None:
    """Check that a batch transform answers as the endpoint did."""
    lines = "\n".join(json.dumps(instance) for instance in instances)
    boto3.client("s3").put_object(Bucket=bucket, Key="sdk2/batch/rows.jsonl", Body=lines)
    transformer = estimator.transformer(
        1,
        "ml.m5.large",
        accept="application/jsonlines",
        assemble_with="Line",
        output_path=f"s3://{bucket}/sdk2/answers",
    )
    transformer.transform(
        f"s3://{bucket}/sdk2/batch", content_type="application/jsonlines", split_type="Line"
    )
    transformer.wait(logs=True)
    answers = session.read_s3_file(bucket, "sdk2/answers/rows.jsonl.out").splitlines()
    scores = [json.loads(line)["score"] for line in answers]
    assert np.allclose(scores, [each["score"] for each in expected]), (scores, expected)


def first_party(session: Any, role: str, bucket: str, features: Rows, labels: Rows) -> None:
    """Use the `FactorizationMachines` class, with its record sets and RecordIO in and out."""
    machines = FactorizationMachines(
        role,
        instance_count=1,
        instance_type="ml.m5.large",
        num_factors=2,
        predictor_type="regressor",
        epochs=1,
        sagemaker_session=session,
        data_location=f"s3://{bucket}/sdk2/records/",
        output_path=f"s3://{bucket}/sdk2/jobs",
    )
    machines.fit(machines.record_set(features, labels=labels), mini_batch_size=100)
    predictor = machines.deploy(1, "ml.m5.large")
    (record,) = predictor.predict(features[:1])
    assert record.label["score"].float32_tensor.values, record
    predictor.delete_model()
    predictor.delete_endpoint()


def main(role: str, bucket: str) -> None:
    """Do everything; an exception fails the check."""
    session = sagemaker.Session()
    assert sagemaker.get_execution_role(session) == role
    features, labels = interactions()
    train = upload(bucket, features, labels)
    estimator_and_predictor(session, role, train, session.default_bucket(), features)
    first_party(session, role, session.default_bucket(), features, labels)


if __name__ == "__main__":
    main(*sys.argv[1:])
