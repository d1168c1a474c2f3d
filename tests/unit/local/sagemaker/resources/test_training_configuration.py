"""What a training container finds in /opt/ml/input/config."""

from local.sagemaker.resources.training_configuration import configuration


def test_every_host_of_the_job_is_named() -> None:
    job = {
        "HyperParameters": {},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 3},
    }
    resources = configuration(job)["resourceconfig"]
    assert resources["hosts"] == ["algo-1", "algo-2", "algo-3"]
    assert resources["instance_groups"][0]["hosts"] == resources["hosts"]
    assert resources["current_host"] == "algo-1"
