"""The servers behind an endpoint: one FM container for each production variant."""

import http.client
import random
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from contract import log_groups
from local.sagemaker.core import access, storage
from local.sagemaker.core.container import Container
from local.sagemaker.core.log_stream import LogStream
from local.sagemaker.core.region import Record, Region, new_id
from local.sagemaker.resources import models

HEALTH_SECONDS = 60.0
INVOCATION_SECONDS = 60.0
_ports: set[int] = set()
_ports_lock = threading.Lock()


class HostingError(Exception):
    """Servers did not come up; the message is a FailureReason."""


class Server:
    """One container that serves a model on a port of the loopback."""

    def __init__(
        self,
        region: Region,
        model: Record,
        group: str,
        variant: str,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        credentials = access.assume(model["ExecutionRoleArn"], "SageMaker", model["ModelArn"])
        self._logs = LogStream(group, f"{variant}/i-{new_id(17)}", region.name, credentials)
        self._container = Container(variant[:20])
        self._port = _free_port()
        self._variant = variant
        try:
            container = model["PrimaryContainer"]
            storage.download_model(
                models.artifact(container),
                self._container.root / "model",
                region.name,
                credentials,
            )
            self._container.start(
                "serve",
                "--port",
                str(self._port),
                environment={
                    "SAGEMAKER_BIND_TO_PORT": str(self._port),
                    "AWS_REGION": region.name,
                    **container.get("Environment", {}),
                    **(environment or {}),
                },
                each_line=self._logs.write,
            )
        except Exception:
            self._container.remove()
            raise

    def await_health(self) -> None:
        """Return once /ping answers; raises HostingError if it does not in time."""
        deadline = time.monotonic() + HEALTH_SECONDS
        while time.monotonic() < deadline and self._container.exit_code() is None:
            if self._ping():
                return
            time.sleep(0.05)
        self._logs.flush()
        raise HostingError(
            f"The primary container for production variant {self._variant} did not pass the ping "
            "health check. Please check CloudWatch logs for this endpoint."
        )

    def send(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        """The container's answer to one request; raises OSError if it gives none."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=INVOCATION_SECONDS)
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, found, answer.read()
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
    """The servers of an endpoint, by variant, and the share of requests each gets."""

    def __init__(self, servers: Mapping[str, Server], weights: Mapping[str, float]) -> None:
        self._servers = dict(servers)
        self.weights = dict(weights)

    def choose(self, target: str | None) -> tuple[str, Server] | None:
        """The named variant's server, or one by weight; None if there is no such variant."""
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


def launch(region: Region, endpoint: str, variants: Sequence[Record]) -> Fleet:
    """Start and await the servers of an endpoint configuration.

    Raises:
        HostingError: one did not come up; none is left running.
    """
    servers: dict[str, Server] = {}
    try:
        for variant in variants:
            model = region.get(models.MODEL, variant["ModelName"])
            if model is None:
                raise HostingError(f"The model {variant['ModelName']} does not exist any more.")
            servers[variant["VariantName"]] = Server(
                region, model, log_groups.endpoint(endpoint), variant["VariantName"]
            )
        for server in servers.values():
            server.await_health()
    except Exception as error:
        Fleet(servers, {}).stop()
        if isinstance(error, HostingError):
            raise
        raise HostingError(str(error)) from error
    weights = {v["VariantName"]: float(v["InitialVariantWeight"]) for v in variants}
    return Fleet(servers, weights)


def deployed_variants(region: Region, variants: Sequence[Record], fleet: Fleet) -> list[Any]:
    """What DescribeEndpoint says about the variants that serve."""
    shown = []
    for variant in variants:
        model = region.get(models.MODEL, variant["ModelName"])
        image = model["PrimaryContainer"]["Image"] if model else ""
        weight = fleet.weights[variant["VariantName"]]
        size = "ServerlessConfig" if "ServerlessConfig" in variant else "InstanceCount"
        held = variant.get(size, variant.get("InitialInstanceCount"))
        shown.append(
            {
                "VariantName": variant["VariantName"],
                "DeployedImages": [{"SpecifiedImage": image, "ResolvedImage": image}],
                "CurrentWeight": weight,
                "DesiredWeight": weight,
                f"Current{size}": held,
                f"Desired{size}": held,
            }
        )
    return shown


def _free_port() -> int:
    """A port that is free, and given to no other server that is still starting."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        with _ports_lock:
            if port not in _ports:
                _ports.add(port)
                return port
