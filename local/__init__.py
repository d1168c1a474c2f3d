"""The local account: a private AWS account on loopback, with a SageMaker of its own."""
