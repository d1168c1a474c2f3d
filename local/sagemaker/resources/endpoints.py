"""Endpoints: created, updated without a gap in service, deleted; in the background, with states."""

import functools
import logging
import threading
from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from local.sagemaker.core import paging, quotas
from local.sagemaker.core.errors import invalid
from local.sagemaker.core.operation import Call, Operation, Request, Response, named
from local.sagemaker.core.region import Record, Region, later, now, once_serving
from local.sagemaker.core.tagging import keep_tags
from local.sagemaker.resources import hosting, models

KIND = "endpoint"
BUSY = ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting")
Variants = Mapping[str, Mapping[str, Any]]
log = logging.getLogger("sagemaker")


def find(region: Region, name: str) -> Record:
    """The endpoint; raises ValidationException as the service does."""
    record = region.get(KIND, name)
    if record is None:
        raise invalid(f'Could not find endpoint "{region.arn(KIND, name)}".')
    return record


def _create(call: Call) -> Response:
    request, region = call.request, call.region
    name = request["EndpointName"]
    arn = region.arn(KIND, name)
    with region.lock:
        if region.get(KIND, name):
            raise invalid(f'Cannot create already existing endpoint "{arn}".')
        _check_quota(
            region, name, models.find(region, models.CONFIG, request["EndpointConfigName"])
        )
        record: Record = {
            **request,
            "EndpointArn": arn,
            "EndpointStatus": "Creating",
            "CreationTime": now(),
            "LastModifiedTime": now(),
            "_fleet": None,
        }
        region.put(KIND, [name], record)
        keep_tags(region, arn, request)
    later(lambda: deploy(region, record, request["EndpointConfigName"]))
    return {"EndpointArn": arn}


def _update(call: Call) -> Response:
    request, region = call.request, call.region
    with region.lock:
        record = _servable(region, request["EndpointName"])
        config = models.find(region, models.CONFIG, request["EndpointConfigName"])
        kept = _retained(record, request) if request.get("RetainAllVariantProperties") else {}
        _check_quota(region, record["EndpointName"], config, kept)
        _enter(record, "Updating")
    later(lambda: deploy(region, record, request["EndpointConfigName"], kept))
    return {"EndpointArn": record["EndpointArn"]}


def _delete(call: Call) -> Response:
    region = call.region
    with region.lock:
        record = _idle(region, call.request["EndpointName"])
        _enter(record, "Deleting")
    later(lambda: _remove(region, record))
    return {}


def _idle(region: Region, name: str) -> Record:
    record = find(region, name)
    if record["EndpointStatus"] in BUSY:
        raise invalid(f'Cannot update in-progress endpoint "{record["EndpointArn"]}".')
    return record


def _servable(region: Region, name: str) -> Record:
    record = _idle(region, name)
    if record["EndpointStatus"] == "Failed":
        raise invalid(f'Cannot update failed endpoint "{record["EndpointArn"]}": delete it.')
    return record


def _retained(record: Record, request: Request) -> Variants:
    """By name, the weights and counts of the variants that serve, but for what is excluded."""
    excluded = request.get("ExcludeRetainedVariantProperties", [])
    left = {property["VariantPropertyType"] for property in excluded}
    kept = {"DesiredWeight", "DesiredInstanceCount"} - left
    return {
        variant["VariantName"]: {name: variant[name] for name in kept & variant.keys()}
        for variant in record.get("ProductionVariants", [])
    }


def _check_quota(
    region: Region, name: str, config: Record, desired: Variants = MappingProxyType({})
) -> None:
    running: Counter[str] = Counter()
    for other in region.all(KIND):
        known = region.get(models.CONFIG, other["EndpointConfigName"])
        if known and other["EndpointName"] != name and other["EndpointStatus"] != "Failed":
            shown = {each["VariantName"]: each for each in other.get("ProductionVariants", [])}
            running += _instances(known, shown)
    quotas.check_endpoint(_instances(config, desired), running)


def _instances(config: Record, desired: Variants) -> Counter[str]:
    """How many instances of each type a configuration needs, with the counts that are desired."""
    counts: Counter[str] = Counter()
    for variant in config["ProductionVariants"]:
        if "InstanceType" in variant:
            wanted = desired.get(variant["VariantName"], {})
            count = wanted.get("DesiredInstanceCount", variant["InitialInstanceCount"])
            counts[variant["InstanceType"]] += count
    return counts


def _enter(record: Record, status: str, reason: str | None = None) -> None:
    record["EndpointStatus"] = status
    record["LastModifiedTime"] = now()
    record.pop("FailureReason", None)
    if reason:
        record["FailureReason"] = reason


def deploy(
    region: Region, record: Record, config_name: str, kept: Variants = MappingProxyType({})
) -> None:
    """Bring up a configuration; the old one serves until the new one is healthy.

    Args:
        kept: the weights and counts that variants keep, by the variant's name.
    """
    with region.lock:
        config = region.get(models.CONFIG, config_name)
    variants = [_keeping(each, kept) for each in config["ProductionVariants"]] if config else []
    old = record["_fleet"]
    try:
        if not variants:
            raise hosting.HostingError(f"The endpoint configuration {config_name} does not exist.")
        fleet = hosting.launch(region, record["EndpointName"], variants)
    except hosting.HostingError as error:
        with region.lock:
            _enter(record, "InService" if old else "Failed", str(error))
        return
    except Exception:
        log.exception("endpoint %s", record["EndpointName"])
        with region.lock:
            _enter(record, "InService" if old else "Failed", "Internal failure. Please try again.")
        return
    with region.lock:
        record["_fleet"] = fleet
        record["EndpointConfigName"] = config_name
        record["ProductionVariants"] = hosting.deployed_variants(region, variants, fleet)
        _enter(record, "InService")
    if old:
        later(old.stop)  # requests that it has taken on may still end


def resume(region: Region) -> None:
    """Serve again what served when the account was stopped, and finish deletions."""
    for record in region.all(KIND):
        record["_fleet"] = None
        if record["EndpointStatus"] == "Deleting":
            region.drop(KIND, record["EndpointName"])
        elif record["EndpointStatus"] != "Failed":
            record["EndpointStatus"] = "Creating"
            once_serving(functools.partial(_serve_again, region, record))


def _serve_again(region: Region, record: Record) -> None:
    deploy(region, record, record["EndpointConfigName"], _retained(record, {}))


def _keeping(variant: Record, kept: Variants) -> Record:
    names = {
        "DesiredWeight": "InitialVariantWeight",
        "DesiredInstanceCount": "InitialInstanceCount",
    }
    mine = kept.get(variant["VariantName"], {})
    return variant | {names[name]: value for name, value in mine.items()}


def _remove(region: Region, record: Record) -> None:
    if record["_fleet"]:
        threading.Thread(target=record["_fleet"].stop, daemon=True).start()
    with region.lock:
        region.drop(KIND, record["EndpointName"])


def _update_weights(call: Call) -> Response:
    request, region = call.request, call.region
    wanted = request["DesiredWeightsAndCapacities"]
    with region.lock:
        record = _servable(region, request["EndpointName"])
        variants = {variant["VariantName"]: variant for variant in record["ProductionVariants"]}
        _check_names(record, variants, [desired["VariantName"] for desired in wanted])
        config = region.get(models.CONFIG, record["EndpointConfigName"])
        fresh = {each["VariantName"]: variants[each["VariantName"]] | each for each in wanted}
        if config:
            _check_quota(region, record["EndpointName"], config, variants | fresh)
        for name, desired in fresh.items():
            variants[name].update(desired)
        _enter(record, "Updating")
    later(lambda: _settle_weights(region, record))
    return {"EndpointArn": record["EndpointArn"]}


def _check_names(record: Record, variants: Variants, names: list[str]) -> None:
    for name in names:
        if name not in variants:
            raise invalid(
                f'The variant name(s) "{name}" is/are not present within '
                f'endpoint configuration "{record["EndpointConfigName"]}".'
            )
        if names.count(name) > 1:
            raise invalid(f'The variant name "{name}" was non-unique within the request.')


def _settle_weights(region: Region, record: Record) -> None:
    with region.lock:
        for variant in record["ProductionVariants"]:
            variant["CurrentWeight"] = variant["DesiredWeight"]
            if "DesiredInstanceCount" in variant:
                variant["CurrentInstanceCount"] = variant["DesiredInstanceCount"]
            record["_fleet"].weights[variant["VariantName"]] = variant["DesiredWeight"]
        _enter(record, "InService")


def _describe(call: Call) -> Response:
    return find(call.region, call.request["EndpointName"])


def _list(call: Call) -> Response:
    return paging.listing(call, KIND, "Endpoints", name="EndpointName", status="EndpointStatus")


_endpoint = named(KIND, "EndpointName")
OPERATIONS = {
    "CreateEndpoint": Operation(_create, _endpoint),
    "UpdateEndpoint": Operation(_update, _endpoint),
    "UpdateEndpointWeightsAndCapacities": Operation(_update_weights, _endpoint),
    "DescribeEndpoint": Operation(_describe, _endpoint),
    "DeleteEndpoint": Operation(_delete, _endpoint),
    "ListEndpoints": Operation(_list),
}
