"""The files that a training container finds in /opt/ml/input/config.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html
"""

from collections.abc import Mapping

from local.sagemaker.core.api import Structure

INSTANCE_GROUP = "homogeneousCluster"


def configuration(job: Structure) -> Mapping[str, Structure]:
    """Return the JSON of each file, by its name without `.json`, for a job's description."""
    return {
        "hyperparameters": job["HyperParameters"],
        "resourceconfig": _resources(job.get("ResourceConfig", {})),
        "inputdataconfig": {
            channel["ChannelName"]: _channel(channel) for channel in job.get("InputDataConfig", [])
        },
    }


def _resources(resources: Structure) -> Structure:
    hosts = [f"algo-{number + 1}" for number in range(resources.get("InstanceCount", 1))]
    instance_type = resources.get("InstanceType", "")
    return {
        "current_host": hosts[0],
        "current_instance_type": instance_type,
        "current_group_name": INSTANCE_GROUP,
        "hosts": hosts,
        "instance_groups": [
            {
                "instance_group_name": INSTANCE_GROUP,
                "instance_type": instance_type,
                "hosts": hosts,
            }
        ],
        "network_interface_name": "eth0",
    }


def _channel(channel: Structure) -> Structure:
    source = channel["DataSource"]["S3DataSource"]
    return {
        "TrainingInputMode": "File",
        "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
        **({"ContentType": channel["ContentType"]} if "ContentType" in channel else {}),
    }
