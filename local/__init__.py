"""The local account: a private AWS account on the loopback, whose SageMaker trains and serves."""
