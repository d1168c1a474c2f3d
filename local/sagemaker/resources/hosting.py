"""The servers behind an endpoint or a transform job: FM containers on ports of the loopback."""

import http.client
import random
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Self

from contract import log_groups
from local.ministack.adapter import Credentials
from local.sagemaker.core import access, storage
from local.sagemaker.core.api import Description, Structure
from local.sagemaker.core.container import Container
from local.sagemaker.core.log_stream import LogStream
from local.sagemaker.core.region import Region, new_id
from local.sagemaker.resources import models
from local.sagemaker.resources.models import Model

HEALTH_SECONDS = 60.0
HEALTH_POLL_SECONDS = 0.05
INVOCATION_SECONDS = 60.0
_ports: set[int] = set()
_ports_lock = threading.Lock()


class HostingError(Exception):
    """Servers that did not come up; the message is a FailureReason."""


class Server:
    """A container that serves a model on a port of the loopback; `start` makes one."""

    def __init__(self, container: Container, port: int, logs: LogStream, variant: str) -> None:
        self._container = container
        self._port = port
        self._logs = logs
        self._variant = variant

    @classmethod
    def start(
        cls,
        model: Model,
        log_group: str,
        variant: str,
        environment: Mapping[str, str] | None = None,
    ) -> Self:
        """Start a server of a model, without waiting for its health.

        Args:
            model: what it serves, with the rights of the model's role.
            log_group: where the container's lines go.
            variant: what the log stream is called after: a production variant or transform job.
            environment: variables besides those of the model's container.

        Raises:
            ServiceError: the model's role cannot be assumed.
            TransferError: the role cannot read the artifact, or it is not one.
        """
        region, description = model.region.name, model.description
        credentials = access.assume(
            description["ExecutionRoleArn"], "SageMaker", description["ModelArn"]
        )
        logs = LogStream(log_group, f"{variant}/i-{new_id(17)}", region, credentials)
        server = cls(Container.create(variant[:20]), _reserve_port(), logs, variant)
        try:
            server._load(description["PrimaryContainer"], region, credentials, environment or {})
        except Exception:
            server.stop()
            raise
        return server

    def _load(
        self,
        container: Structure,
        region: str,
        credentials: Credentials,
        environment: Mapping[str, str],
    ) -> None:
        storage.download_model(
            models.artifact_uri(container), self._container.root / "model", region, credentials
        )
        self._container.start(
            "serve",
            "--port",
            str(self._port),
            environment={
                "SAGEMAKER_BIND_TO_PORT": str(self._port),
                "AWS_REGION": region,
                **container.get("Environment", {}),
                **environment,
            },
            on_line=self._logs.write,
        )

    def await_health(self) -> None:
        """Return once the container answers /ping.

        Raises:
            HostingError: it ended, or did not answer in time.
        """
        deadline = time.monotonic() + HEALTH_SECONDS
        while time.monotonic() < deadline and self._container.exit_code() is None:
            if self._ping():
                return
            time.sleep(HEALTH_POLL_SECONDS)
        self._logs.flush()
        raise HostingError(
            f"The primary container for production variant {self._variant} did not pass the ping "
            "health check. Please check CloudWatch logs for this endpoint."
        )

    def send(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        """Send one request to the container.

        Returns:
            The status, the headers with their names in lower case, and the body of the answer.

        Raises:
            OSError: the container does not answer.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=INVOCATION_SECONDS)
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            answered = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, answered, answer.read()
        except http.client.HTTPException as error:
            raise OSError(str(error)) from error
        finally:
            connection.close()
            self._logs.flush()

    def stop(self) -> None:
        """End the container."""
        self._container.remove()
        self._logs.flush()
        with _ports_lock:
            _ports.discard(self._port)

    def _ping(self) -> bool:
        try:
            return self.send("GET", "/ping", b"", {})[0] == 200
        except OSError:
            return False


class Fleet:
    """The servers of an endpoint, by variant, and the share of requests that each gets.

    Attributes:
        weights: the current weight of each variant.
    """

    def __init__(self, servers: Mapping[str, Server], weights: Mapping[str, float]) -> None:
        self._servers = dict(servers)
        self.weights = dict(weights)

    def choose(self, target: str | None) -> tuple[str, Server] | None:
        """Choose a variant, by weight unless a target is named.

        Returns:
            The variant's name and server, or None if the target does not exist.
        """
        if target is not None:
            server = self._servers.get(target)
            return (target, server) if server else None
        names = list(self._servers)
        weights = [max(self.weights[name], 0.0) for name in names]
        if not any(weights):
            weights = [1.0] * len(names)
        name = random.choices(names, weights)[0]
        return name, self._servers[name]

    def stop(self) -> None:
        """End every server."""
        for server in self._servers.values():
            server.stop()


def launch(region: Region, endpoint: str, variants: Sequence[Structure]) -> Fleet:
    """Start the servers of an endpoint, and wait until they are healthy.

    Args:
        region: where the models are.
        endpoint: the endpoint's name.
        variants: the production variants of its configuration.

    Raises:
        HostingError: one did not come up; none is left running.
    """
    servers: dict[str, Server] = {}
    try:
        for variant in variants:
            model = region.get(Model, variant["ModelName"])
            if model is None:
                raise HostingError(f"The model {variant['ModelName']} does not exist any more.")
            servers[variant["VariantName"]] = Server.start(
                model, log_groups.endpoint(endpoint), variant["VariantName"]
            )
        for server in servers.values():
            server.await_health()
    except Exception as error:
        Fleet(servers, {}).stop()
        if isinstance(error, HostingError):
            raise
        raise HostingError(str(error)) from error
    weights = {each["VariantName"]: float(each["InitialVariantWeight"]) for each in variants}
    return Fleet(servers, weights)


def deployed_variants(
    region: Region, variants: Sequence[Structure], fleet: Fleet
) -> list[Description]:
    """Return what DescribeEndpoint answers about the variants that serve."""
    summaries = []
    for variant in variants:
        model = region.get(Model, variant["ModelName"])
        image = model.description["PrimaryContainer"]["Image"] if model else ""
        weight = fleet.weights[variant["VariantName"]]
        size = "ServerlessConfig" if "ServerlessConfig" in variant else "InstanceCount"
        value = variant.get(size, variant.get("InitialInstanceCount"))
        summaries.append(
            {
                "VariantName": variant["VariantName"],
                "DeployedImages": [{"SpecifiedImage": image, "ResolvedImage": image}],
                "CurrentWeight": weight,
                "DesiredWeight": weight,
                f"Current{size}": value,
                f"Desired{size}": value,
            }
        )
    return summaries


def _reserve_port() -> int:
    """Return a free port that no other server was given."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        with _ports_lock:
            if port not in _ports:
                _ports.add(port)
                return port
