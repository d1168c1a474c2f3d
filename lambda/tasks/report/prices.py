"""What a training job costs, as far as the list price of its instance is known here.

On demand, us-east-1, USD per hour: https://aws.amazon.com/sagemaker/ai/pricing/
"""

_PER_HOUR = {
    "ml.m5.large": 0.115,
    "ml.m5.xlarge": 0.23,
    "ml.m5.2xlarge": 0.461,
    "ml.m5.4xlarge": 0.922,
    "ml.c5.xlarge": 0.204,
    "ml.c5.2xlarge": 0.408,
    "ml.c5.4xlarge": 0.816,
    "ml.g4dn.xlarge": 0.736,
    "ml.p3.2xlarge": 3.825,
}


def training_cost(instance_type: str, instances: int, billable_seconds: int) -> float | None:
    """Return the cost in USD, or None for an instance type whose price is not known here."""
    price = _PER_HOUR.get(instance_type)
    return None if price is None else price * instances * billable_seconds / 3600
