"""The run of an app: a JupyterLab app really runs; the others have states only."""

import logging
from collections.abc import Callable

from contract import log_groups
from local import proxy_variables
from local.ministack.adapter import Credentials
from local.sagemaker.core import access, settings
from local.sagemaker.core.errors import ServiceError
from local.sagemaker.core.log_stream import LogStream
from local.sagemaker.resources import app_settings
from local.sagemaker.resources.studio import App, LifecycleConfig
from local.studio import environment, homes, outside
from local.studio.jupyter_lab import SCRIPT_SECONDS, AppEndedError, JupyterLab

_INTERNAL_ERROR = "InternalServerError: We encountered an error."
log = logging.getLogger("sagemaker")


class _StartError(Exception):
    """An app that does not come into service; the message is its FailureReason."""


def run(app: App) -> None:
    """Bring a new app into service, or let it fail."""
    reason = None
    try:
        if app.description["AppType"] == app_settings.JUPYTER_LAB:
            _start(app)
    except AppEndedError:
        return
    except (ServiceError, _StartError) as error:
        reason = str(error)
    except Exception:
        log.exception("app %s", app.arn)
        reason = _INTERNAL_ERROR
    with app.region.lock:
        if app.status == "Pending":
            app.enter("Failed" if reason else "InService", reason)


def end(app: App) -> None:
    """End the processes of an app; the home folder stays with its space."""
    if app.running is not None:
        app.running.stop()
        settings.app_environment(*_place(app)).unlink(missing_ok=True)
    app.enter("Deleted")


def _start(app: App) -> None:
    with app.region.lock:
        role, configs = app_settings.role(app), list(app_settings.lifecycle_configs(app))
    credentials = access.assume(role, "SageMaker", app.arn)
    home = homes.create(settings.homes(), *_place(app))
    variables = environment.app_environment(
        home,
        region=app.region.name,
        account={
            "AWS_ENDPOINT_URL": settings.endpoint_url(),
            "AWS_CA_BUNDLE": str(settings.certificate()),
            **proxy_variables.for_clients(settings.folder()),
        },
        credentials={
            "AWS_ACCESS_KEY_ID": credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": credentials.secret_key,
            "AWS_SESSION_TOKEN": credentials.token,
        },
        outside=outside.handed_down(),
    )
    logs = _logs(app, credentials)
    running = JupyterLab(home, variables, settings.process_groups(), logs("").write)
    with app.region.lock:
        if app.status != "Pending":
            raise AppEndedError
        app.running = running
        environment.save(settings.app_environment(*_place(app)), variables)
    for config in configs:
        _run_script(running, config, logs("/LifecycleConfigOnStart"))


def _run_script(running: JupyterLab, config: LifecycleConfig, logs: LogStream) -> None:
    """Run a lifecycle configuration.

    Raises:
        _StartError: it failed, or took too long.
    """
    code = running.run_script(app_settings.script(config), logs.write, logs.flush)
    logs.flush()
    if code is None:
        raise _StartError(
            f"ConfigurationError: LifecycleConfig execution timed out after "
            f"{SCRIPT_SECONDS:.0f} seconds for script {config.arn}"
        )
    if code != 0:
        raise _StartError(
            f"ConfigurationError: LifecycleConfig execution failed with non zero exit code {code} "
            f"for script {config.arn}"
        )


def _logs(app: App, credentials: Credentials) -> Callable[[str], LogStream]:
    """Return what makes the log streams of an app, which differ in the last part of the name."""
    names = (*_place(app), app.description["AppType"], app.description["AppName"])

    def make(suffix: str) -> LogStream:
        stream = "/".join(names) + suffix
        return LogStream(log_groups.STUDIO, stream, app.region.name, credentials)

    return make


def _place(app: App) -> tuple[str, str]:
    """Return the domain and the space of an app."""
    return app.description["DomainId"], app.description["SpaceName"]
