"""Endpoints: created, updated without a gap in service, deleted; in the background, with states."""

import logging
import threading

from local.sagemaker import hosting, models, paging
from local.sagemaker.errors import invalid
from local.sagemaker.operation import Call, Operation, Response, named
from local.sagemaker.region import Record, Region, later, now
from local.sagemaker.tagging import keep_tags

KIND = "endpoint"
BUSY = ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting")
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
        models.find(region, models.CONFIG, request["EndpointConfigName"])
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
        record = _idle(region, request["EndpointName"])
        models.find(region, models.CONFIG, request["EndpointConfigName"])
        _enter(record, "Updating")
    later(lambda: deploy(region, record, request["EndpointConfigName"]))
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


def _enter(record: Record, status: str, reason: str | None = None) -> None:
    record["EndpointStatus"] = status
    record["LastModifiedTime"] = now()
    record.pop("FailureReason", None)
    if reason:
        record["FailureReason"] = reason


def deploy(region: Region, record: Record, config_name: str) -> None:
    """Bring up a configuration; the old one serves until the new one is healthy."""
    with region.lock:
        config = region.get(models.CONFIG, config_name)
    variants = config["ProductionVariants"] if config else []
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


def _remove(region: Region, record: Record) -> None:
    if record["_fleet"]:
        threading.Thread(target=record["_fleet"].stop, daemon=True).start()
    with region.lock:
        region.drop(KIND, record["EndpointName"])


def _update_weights(call: Call) -> Response:
    request, region = call.request, call.region
    with region.lock:
        record = _idle(region, request["EndpointName"])
        variants = {variant["VariantName"]: variant for variant in record["ProductionVariants"]}
        for desired in request["DesiredWeightsAndCapacities"]:
            variant = variants.get(desired["VariantName"])
            if variant is None:
                raise invalid(
                    f'The variant name(s) "{desired["VariantName"]}" is/are not present within '
                    f'endpoint configuration "{record["EndpointConfigName"]}".'
                )
            weight = desired.get("DesiredWeight", variant["DesiredWeight"])
            variant["DesiredWeight"] = weight
            variant["DesiredInstanceCount"] = desired.get(
                "DesiredInstanceCount", variant["DesiredInstanceCount"]
            )
        _enter(record, "Updating")
    later(lambda: _settle_weights(region, record))
    return {"EndpointArn": record["EndpointArn"]}


def _settle_weights(region: Region, record: Record) -> None:
    with region.lock:
        for variant in record["ProductionVariants"]:
            variant["CurrentWeight"] = variant["DesiredWeight"]
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
