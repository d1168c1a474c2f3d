"""Endpoints: created, updated without a gap in service, deleted; in the background, with states."""

import functools
import logging
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from local.sagemaker.core import paging, quotas
from local.sagemaker.core.api import Request, Response, Structure
from local.sagemaker.core.errors import invalid
from local.sagemaker.core.operation import Call, Operation, arn_of
from local.sagemaker.core.region import Region, Resource
from local.sagemaker.core.tagging import keep_tags
from local.sagemaker.core.timing import later, now, once_serving
from local.sagemaker.resources import endpoint_configs, hosting
from local.sagemaker.resources.endpoint_configs import EndpointConfig

BUSY = ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting")
INITIAL = {
    "DesiredWeight": "InitialVariantWeight",
    "DesiredInstanceCount": "InitialInstanceCount",
}
Variants = Mapping[str, Structure]  # weights and counts, by the variant's name
NO_VARIANTS: Variants = MappingProxyType({})
log = logging.getLogger("sagemaker")


@dataclass(eq=False)
class Endpoint(Resource):
    """An endpoint.

    Attributes:
        fleet: the servers, or None before the first deployment.
    """

    kind = "endpoint"
    noun = "Endpoint"
    named_by = ("EndpointName",)

    fleet: hosting.Fleet | None = None

    @property
    def status(self) -> str:
        """The state that it is in."""
        return str(self.description["EndpointStatus"])

    @property
    def variants(self) -> Variants:
        """The production variants as DescribeEndpoint shows them, by name."""
        variants = self.description.get("ProductionVariants", [])
        return {variant["VariantName"]: variant for variant in variants}

    def enter(self, status: str, reason: str | None = None) -> None:
        """Enter a state, with its FailureReason if there is one."""
        with self.region.lock:
            self.description |= {"EndpointStatus": status, "LastModifiedTime": now()}
            self.description.pop("FailureReason", None)
            if reason:
                self.description["FailureReason"] = reason


def find(region: Region, name: str) -> Endpoint:
    """Return the endpoint.

    Raises:
        ServiceError: ValidationException, as the service answers.
    """
    endpoint = region.get(Endpoint, name)
    if endpoint is None:
        raise invalid(f'Could not find endpoint "{region.arn(Endpoint.kind, name)}".')
    return endpoint


def resume(region: Region) -> None:
    """Serve again what served when the account was stopped, and finish deletions."""
    for endpoint in region.all(Endpoint):
        if endpoint.status == "Deleting":
            region.remove(endpoint)
        elif endpoint.status != "Failed":
            endpoint.description["EndpointStatus"] = "Creating"
            once_serving(functools.partial(_serve_again, endpoint))


def _serve_again(endpoint: Endpoint) -> None:
    config_name = endpoint.description["EndpointConfigName"]
    _deploy(endpoint, config_name, _retained(endpoint, {}))


def _create(call: Call) -> Response:
    request, region = call.request, call.region
    name = request["EndpointName"]
    arn = region.arn(Endpoint.kind, name)
    with region.lock:
        if region.get(Endpoint, name):
            raise invalid(f'Cannot create already existing endpoint "{arn}".')
        config = endpoint_configs.find(region, request["EndpointConfigName"])
        _check_quota(region, name, config)
        endpoint = Endpoint.create(
            region,
            {
                **request,
                "EndpointArn": arn,
                "EndpointStatus": "Creating",
                "CreationTime": now(),
                "LastModifiedTime": now(),
            },
        )
        region.add(endpoint)
        keep_tags(endpoint, request)
    later(lambda: _deploy(endpoint, request["EndpointConfigName"]))
    return {"EndpointArn": arn}


def _update(call: Call) -> Response:
    request, region = call.request, call.region
    with region.lock:
        endpoint = _servable(region, request["EndpointName"])
        config = endpoint_configs.find(region, request["EndpointConfigName"])
        retains = request.get("RetainAllVariantProperties")
        retained = _retained(endpoint, request) if retains else NO_VARIANTS
        _check_quota(region, endpoint.description["EndpointName"], config, retained)
        endpoint.enter("Updating")
    later(lambda: _deploy(endpoint, request["EndpointConfigName"], retained))
    return {"EndpointArn": endpoint.arn}


def _delete(call: Call) -> Response:
    with call.region.lock:
        endpoint = _idle(call.region, call.request["EndpointName"])
        endpoint.enter("Deleting")
    later(lambda: _remove(endpoint))
    return {}


def _remove(endpoint: Endpoint) -> None:
    if endpoint.fleet:
        threading.Thread(target=endpoint.fleet.stop, daemon=True).start()
    with endpoint.region.lock:
        endpoint.region.remove(endpoint)


def _idle(region: Region, name: str) -> Endpoint:
    endpoint = find(region, name)
    if endpoint.status in BUSY:
        raise invalid(f'Cannot update in-progress endpoint "{endpoint.arn}".')
    return endpoint


def _servable(region: Region, name: str) -> Endpoint:
    endpoint = _idle(region, name)
    if endpoint.status == "Failed":
        raise invalid(f'Cannot update failed endpoint "{endpoint.arn}": delete it.')
    return endpoint


def _retained(endpoint: Endpoint, request: Request) -> Variants:
    """Return the weights and counts of the variants that serve, without what is excluded."""
    excluded = request.get("ExcludeRetainedVariantProperties", [])
    properties = set(INITIAL) - {each["VariantPropertyType"] for each in excluded}
    return {
        name: {each: variant[each] for each in properties & variant.keys()}
        for name, variant in endpoint.variants.items()
    }


def _check_quota(
    region: Region, name: str, config: EndpointConfig, desired: Variants = NO_VARIANTS
) -> None:
    running: Counter[str] = Counter()
    for other in region.all(Endpoint):
        other_config = region.get(EndpointConfig, other.description["EndpointConfigName"])
        is_another = other.description["EndpointName"] != name
        if other_config and is_another and other.status != "Failed":
            running += _capacity(other_config, other.variants)
    quotas.check_endpoint(_capacity(config, desired), running)


def _capacity(config: EndpointConfig, desired: Variants) -> Counter[str]:
    """Return what a configuration needs of each quota, with the desired counts."""
    counts: Counter[str] = Counter()
    for variant in config.description["ProductionVariants"]:
        if "InstanceType" in variant:
            properties = desired.get(variant["VariantName"], {})
            count = properties.get("DesiredInstanceCount", variant["InitialInstanceCount"])
            quota = quotas.instance_quota(variant["InstanceType"], quotas.ENDPOINT_USE)
            counts[quota] += count
        else:
            counts[quotas.SERVERLESS] += variant["ServerlessConfig"]["MaxConcurrency"]
    return counts


def _deploy(endpoint: Endpoint, config_name: str, retained: Variants = NO_VARIANTS) -> None:
    """Bring up a configuration; the old one serves until the new one is healthy.

    Args:
        endpoint: what to deploy to.
        config_name: the configuration.
        retained: the weights and counts that variants keep.
    """
    region, name, old = endpoint.region, endpoint.description["EndpointName"], endpoint.fleet
    with region.lock:
        config = region.get(EndpointConfig, config_name)
    configured = config.description["ProductionVariants"] if config else []
    variants = [_with_retained(variant, retained) for variant in configured]
    try:
        if not variants:
            raise hosting.HostingError(f"The endpoint configuration {config_name} does not exist.")
        fleet = hosting.launch(region, name, variants)
    except hosting.HostingError as error:
        endpoint.enter("InService" if old else "Failed", str(error))
        return
    except Exception:
        log.exception("endpoint %s", name)
        endpoint.enter("InService" if old else "Failed", "Internal failure. Please try again.")
        return
    with region.lock:
        endpoint.fleet = fleet
        endpoint.update(
            {
                "EndpointConfigName": config_name,
                "ProductionVariants": hosting.deployed_variants(region, variants, fleet),
            }
        )
        endpoint.enter("InService")
    if old:
        later(old.stop)  # once it has answered the requests that it has taken on


def _with_retained(variant: Structure, retained: Variants) -> Structure:
    properties = retained.get(variant["VariantName"], {})
    return {**variant, **{INITIAL[name]: value for name, value in properties.items()}}


def _update_weights(call: Call) -> Response:
    request, region = call.request, call.region
    desired = request["DesiredWeightsAndCapacities"]
    with region.lock:
        endpoint = _servable(region, request["EndpointName"])
        _check_names(endpoint, [each["VariantName"] for each in desired])
        variants = {**endpoint.variants}
        for each in desired:
            variants[each["VariantName"]] = {**variants[each["VariantName"]], **each}
        config = region.get(EndpointConfig, endpoint.description["EndpointConfigName"])
        if config:
            _check_quota(region, endpoint.description["EndpointName"], config, variants)
        endpoint.update({"ProductionVariants": list(variants.values())})
        endpoint.enter("Updating")
    later(lambda: _settle_weights(endpoint))
    return {"EndpointArn": endpoint.arn}


def _check_names(endpoint: Endpoint, names: list[str]) -> None:
    for name in names:
        if name not in endpoint.variants:
            raise invalid(
                f'The variant name(s) "{name}" is/are not present within '
                f'endpoint configuration "{endpoint.description["EndpointConfigName"]}".'
            )
        if names.count(name) > 1:
            raise invalid(f'The variant name "{name}" was non-unique within the request.')


def _settle_weights(endpoint: Endpoint) -> None:
    with endpoint.region.lock:
        for variant in endpoint.description["ProductionVariants"]:
            variant["CurrentWeight"] = variant["DesiredWeight"]
            if "DesiredInstanceCount" in variant:
                variant["CurrentInstanceCount"] = variant["DesiredInstanceCount"]
            if endpoint.fleet:
                endpoint.fleet.weights[variant["VariantName"]] = variant["DesiredWeight"]
        endpoint.enter("InService")


def _describe(call: Call) -> Response:
    return find(call.region, call.request["EndpointName"]).description


def _list(call: Call) -> Response:
    return paging.list_resources(call, Endpoint, "Endpoints", status="EndpointStatus")


OPERATIONS = {
    "CreateEndpoint": Operation(_create, arn_of(Endpoint)),
    "UpdateEndpoint": Operation(_update, arn_of(Endpoint)),
    "UpdateEndpointWeightsAndCapacities": Operation(_update_weights, arn_of(Endpoint)),
    "DescribeEndpoint": Operation(_describe, arn_of(Endpoint)),
    "DeleteEndpoint": Operation(_delete, arn_of(Endpoint)),
    "ListEndpoints": Operation(_list),
}
