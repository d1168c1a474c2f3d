"""Registers SageMaker in the account: its two planes, its CloudFormation types, its integration."""

import threading

from local import ministack_adapter
from local.sagemaker import cloudformation, persistence, runtime, service, states, wire


def register() -> None:
    """Add everything to ministack, before it serves."""
    ministack_adapter.add_service("sagemaker", service.handle, service.claims)
    ministack_adapter.add_service("sagemaker-runtime", runtime.handle, runtime.claims)
    ministack_adapter.keep_state("sagemaker", persistence.Keeper())
    cloudformation.register()
    states.register()
    threading.Thread(target=wire.operations, daemon=True).start()  # so that no first call waits
