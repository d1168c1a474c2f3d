"""Adds SageMaker to the account: planes, quotas, CloudFormation types, the Step Functions task."""

import threading

from local.ministack import adapter
from local.sagemaker import persistence, runtime, service, service_quotas
from local.sagemaker.core import wire
from local.sagemaker.integrations import cloudformation, step_functions


def register() -> None:
    """Add everything to ministack, before it serves."""
    adapter.add_service("sagemaker", service.handle, service.claims)
    adapter.add_service("sagemaker-runtime", runtime.handle, runtime.claims)
    adapter.add_service("servicequotas", service_quotas.handle, service_quotas.claims)
    adapter.keep_state("sagemaker", persistence.Keeper())
    cloudformation.register()
    step_functions.register()
    threading.Thread(target=wire.operations, daemon=True).start()  # the model takes a while to load
