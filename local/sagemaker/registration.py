"""Registers SageMaker in ministack."""


def register() -> None: ...
