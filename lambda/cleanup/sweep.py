"""Deletes what SageMaker made for the deployment and leaves behind, once the domain is gone.

The mount targets and file system and the two NFS security groups of the domains that Drain wrote
down, then the training jobs' records and the logs of this deployment. Nothing else is touched.
"""

from dataclasses import dataclass
from itertools import islice
from typing import Any

from cleanup import aws, domain_records
from cleanup.deletion_plan import Call, Plan
from cleanup.domain_records import DomainRecord
from cleanup.resource import Event, Properties, accept, progress
from contract import log_groups
from contract.names import is_training_job, training_job_prefix

# So many in one look that the function ends well within its timeout; the next look goes on.
BATCH = 200


@dataclass(frozen=True)
class Remains:
    """What was found of a domain: each as AWS describes it."""

    record: DomainRecord
    domain_exists: bool
    mount_targets: tuple[dict[str, Any], ...] = ()
    file_system: dict[str, Any] | None = None
    security_groups: tuple[dict[str, Any], ...] = ()
    group_rules: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Traces:
    """Training jobs, the endpoint's log group, and (group, stream) pairs of shared log groups."""

    jobs: tuple[tuple[str, str], ...] = ()
    log_groups: tuple[str, ...] = ()
    log_streams: tuple[tuple[str, str], ...] = ()


def plan_domain(found: Remains) -> Plan:
    """Delete mount targets, then the file system and the groups, and nothing before the domain."""
    if found.domain_exists:
        return Plan(remaining=(f"domain {found.record.domain_id}",))
    targets = _delete_mount_targets(found.mount_targets)
    if targets.remaining:
        return targets
    groups = _delete_groups(found.security_groups, found.group_rules)
    return _delete_file_system(found.file_system) + groups


def _delete_mount_targets(targets: tuple[dict[str, Any], ...]) -> Plan:
    there = [target for target in targets if target["LifeCycleState"] != "deleted"]
    return Plan(
        tuple(
            Call("efs", "delete_mount_target", {"MountTargetId": target["MountTargetId"]})
            for target in there
            if target["LifeCycleState"] != "deleting"
        ),
        tuple(f"mount target {target['MountTargetId']}" for target in there),
    )


def _delete_file_system(file_system: dict[str, Any] | None) -> Plan:
    if file_system is None or file_system["LifeCycleState"] == "deleted":
        return Plan()
    file_system_id = file_system["FileSystemId"]
    call = Call("efs", "delete_file_system", {"FileSystemId": file_system_id})
    deleting = file_system["LifeCycleState"] == "deleting"
    return Plan(() if deleting else (call,), (f"file system {file_system_id}",))


def _delete_groups(groups: tuple[dict[str, Any], ...], rules: tuple[dict[str, Any], ...]) -> Plan:
    # The two groups name each other in their rules: neither can go before the rules of both have.
    revocations = [
        Call(
            "ec2",
            f"revoke_security_group_{'egress' if rule['IsEgress'] else 'ingress'}",
            {
                "GroupId": rule["GroupId"],
                "SecurityGroupRuleIds": [rule["SecurityGroupRuleId"]],
            },
        )
        for rule in rules
    ]
    deletions = [
        Call("ec2", "delete_security_group", {"GroupId": group["GroupId"]}) for group in groups
    ]
    return Plan(
        tuple(revocations or deletions),
        tuple(f"security group {group['GroupId']}" for group in groups),
    )


def plan_traces(traces: Traces) -> Plan:
    """Delete the records of training jobs, then logs: what still runs would write them again."""
    calls = [
        Call("sagemaker", "delete_training_job", {"TrainingJobName": job})
        for job, status in traces.jobs
        if status != "Deleting"
    ]
    calls += [
        Call("logs", "delete_log_stream", {"logGroupName": group, "logStreamName": stream})
        for group, stream in traces.log_streams
    ]
    calls += [
        Call("logs", "delete_log_group", {"logGroupName": group}) for group in traces.log_groups
    ]
    remaining = [f"training job {job} ({status})" for job, status in traces.jobs]
    remaining += [f"log stream {stream} of {group}" for group, stream in traces.log_streams]
    remaining += [f"log group {group}" for group in traces.log_groups]
    return Plan(tuple(calls), tuple(remaining))


def look_at_domain(record: DomainRecord) -> Remains:
    """Return what is left of the domain that `record` describes."""
    domain = aws.describe("sagemaker", "describe_domain", DomainId=record.domain_id)
    if domain is not None:
        return Remains(record, domain_exists=True)
    file_system = _file_system(record.file_system_id)
    groups = _of_groups(
        "describe_security_groups", "SecurityGroups", list(record.security_group_ids)
    )
    rules = _of_groups(
        "describe_security_group_rules",
        "SecurityGroupRules",
        [group["GroupId"] for group in groups],
    )
    return Remains(
        record,
        domain_exists=False,
        mount_targets=tuple(_mount_targets(record.file_system_id)) if file_system else (),
        file_system=file_system,
        security_groups=tuple(groups),
        group_rules=tuple(rules),
    )


def _file_system(file_system_id: str | None) -> dict[str, Any] | None:
    if file_system_id is None:
        return None
    found = aws.describe("efs", "describe_file_systems", FileSystemId=file_system_id)
    return next(iter(found["FileSystems"]), None) if found else None


def _mount_targets(file_system_id: str | None) -> list[dict[str, Any]]:
    return aws.list_all(
        "efs", "describe_mount_targets", "MountTargets", FileSystemId=file_system_id
    )


def _of_groups(operation: str, key: str, ids: list[str]) -> list[dict[str, Any]]:
    if not ids:
        return []
    # A filter, unlike a list of ids, finds the one that is left when the other has gone.
    by_id = [{"Name": "group-id", "Values": ids}]
    found = aws.list_all("ec2", operation, key, Filters=by_id)
    # Deleting hangs on it: an answer wider than the question must not reach another group.
    return [item for item in found if item["GroupId"] in ids]


def look_at_traces(name: str, domains: tuple[DomainRecord, ...]) -> Traces:
    """Return the records and logs of this deployment, at most `BATCH` of each kind."""
    jobs = aws.list_all(
        "sagemaker",
        "list_training_jobs",
        "TrainingJobSummaries",
        NameContains=training_job_prefix(name),
    )
    ours = (job for job in jobs if is_training_job(name, job["TrainingJobName"]))
    endpoint_logs = log_groups.endpoint(name)
    logs = aws.describe("logs", "describe_log_streams", logGroupName=endpoint_logs, limit=1)
    streams = [
        (log_groups.TRAINING_JOBS, stream)
        for stream in _streams(log_groups.TRAINING_JOBS, training_job_prefix(name))
        if is_training_job(name, stream.partition("/")[0])
    ]
    for domain in domains:
        prefix = f"{domain.domain_id}/"
        streams += [(log_groups.STUDIO, stream) for stream in _streams(log_groups.STUDIO, prefix)]
    return Traces(
        jobs=tuple(
            (job["TrainingJobName"], job["TrainingJobStatus"]) for job in islice(ours, BATCH)
        ),
        log_groups=() if logs is None else (endpoint_logs,),
        log_streams=tuple(streams[:BATCH]),
    )


def _streams(group: str, prefix: str) -> list[str]:
    found = aws.list_all(
        "logs",
        "describe_log_streams",
        "logStreams",
        logGroupName=group,
        logStreamNamePrefix=prefix,
    )
    return [stream["logStreamName"] for stream in found]


def on_event(event: Event, _context: object) -> dict[str, Any]:
    """Accept the request; `is_complete` does the work of a Delete."""
    return accept(event, f"{event['ResourceProperties']['Name']}-sweep")


def is_complete(event: Event, _context: object) -> dict[str, bool]:
    """On Delete, sweep further and report whether nothing is left."""
    return progress(event, _sweep)


def _sweep(given: Properties) -> tuple[str, ...]:
    domains = domain_records.read(given["RecordParameter"])

    def next_plan() -> Plan:
        of_domains = sum((plan_domain(look_at_domain(domain)) for domain in domains), Plan())
        if of_domains.remaining:
            return of_domains
        return plan_traces(look_at_traces(given["Name"], domains))

    return aws.settle(next_plan)
