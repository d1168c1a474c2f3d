"""Registers SageMaker, control plane and data plane, in the account's process."""

import threading

from local import ministack_adapter
from local.sagemaker import runtime, service, wire


def register() -> None:
    """Add everything to ministack, before it serves."""
    ministack_adapter.add_service("sagemaker", service.handle, service.claims)
    ministack_adapter.add_service("sagemaker-runtime", runtime.handle, runtime.claims)
    threading.Thread(target=wire.operations, daemon=True).start()  # so that no first call waits
