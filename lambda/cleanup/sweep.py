"""Deletes what SageMaker made for the deployment and leaves behind, once the domain is gone.

These are the mount targets, the file system and the two NFS security groups of the domains that
DrainDomain wrote down, or that have left them in the deployment's VPC; what was made by hand in the
lab while the destroy was under way; then the training jobs' descriptions, the logs and the replaced
lifecycle configurations of this deployment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from cleanup import aws, domain_records, lab_endpoints, training_jobs, unrecorded_domains
from cleanup.deletion_plan import Call, Plan
from cleanup.descriptions import (
    FileSystem,
    MountTarget,
    SecurityGroup,
    SecurityGroupRule,
    TrainingJob,
)
from cleanup.domain_records import DomainRecord
from cleanup.resource import Accepted, Event, Progress, accept, progress
from contract import log_groups
from contract.cleanup_properties import SweepProperties
from contract.names import is_training_job, lab_prefix, space_name, training_job_prefixes

# So many in one look: of thousands, a message cannot name all that remain; the next look goes on.
BATCH = 200


@dataclass(frozen=True)
class Remains:
    """What is left of a domain."""

    record: DomainRecord
    domain_exists: bool
    mount_targets: Sequence[MountTarget] = ()
    file_system: FileSystem | None = None
    security_groups: Sequence[SecurityGroup] = ()
    group_rules: Sequence[SecurityGroupRule] = ()


class LogStream(NamedTuple):
    """A stream of a log group that deployments share."""

    group: str
    name: str


@dataclass(frozen=True)
class Traces:
    """What is left of the deployment's runs and of its lab.

    Attributes:
        running: Its training jobs that have not ended.
        jobs: Its training jobs that have, as far as they can be deleted.
        log_groups: The log groups of its endpoint and of those of the lab.
        log_streams: Its streams in the log groups that deployments share.
        lifecycle_configs: Those that another has replaced under a running app.
    """

    running: Sequence[TrainingJob] = ()
    jobs: Sequence[TrainingJob] = ()
    log_groups: Sequence[str] = ()
    log_streams: Sequence[LogStream] = ()
    lifecycle_configs: Sequence[str] = ()


def plan_domain(remains: Remains) -> Plan:
    """Delete mount targets, then the file system and the groups, and nothing before the domain."""
    if remains.domain_exists:
        return Plan(remaining=(f"domain {remains.record.domain_id}",))
    targets = _delete_mount_targets(remains.mount_targets)
    if targets.remaining:
        return targets
    groups = _delete_groups(remains.security_groups, remains.group_rules)
    return _delete_file_system(remains.file_system) + groups


def _delete_mount_targets(targets: Sequence[MountTarget]) -> Plan:
    there = [target for target in targets if target["LifeCycleState"] != "deleted"]
    return Plan(
        tuple(
            Call("efs", "delete_mount_target", {"MountTargetId": target["MountTargetId"]})
            for target in there
            if target["LifeCycleState"] != "deleting"
        ),
        tuple(f"mount target {target['MountTargetId']}" for target in there),
    )


def _delete_file_system(file_system: FileSystem | None) -> Plan:
    if file_system is None or file_system["LifeCycleState"] == "deleted":
        return Plan()
    file_system_id = file_system["FileSystemId"]
    call = Call("efs", "delete_file_system", {"FileSystemId": file_system_id})
    deleting = file_system["LifeCycleState"] == "deleting"
    return Plan(() if deleting else (call,), (f"file system {file_system_id}",))


def _delete_groups(groups: Sequence[SecurityGroup], rules: Sequence[SecurityGroupRule]) -> Plan:
    # The two groups name each other in their rules: neither can go before the rules of both have.
    revocations = [
        Call(
            "ec2",
            "revoke_security_group_egress" if rule["IsEgress"] else "revoke_security_group_ingress",
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
    """Stop training jobs, then delete them and their logs: what runs would write them again."""
    if traces.running:
        return training_jobs.plan_stop(traces.running)
    calls = [
        Call("sagemaker", "delete_training_job", {"TrainingJobName": job["TrainingJobName"]})
        for job in traces.jobs
        if job["TrainingJobStatus"] != "Deleting"
    ]
    calls += [
        Call("logs", "delete_log_stream", {"logGroupName": group, "logStreamName": stream})
        for group, stream in traces.log_streams
    ]
    calls += [
        Call("logs", "delete_log_group", {"logGroupName": group}) for group in traces.log_groups
    ]
    calls += [
        Call("sagemaker", "delete_studio_lifecycle_config", {"StudioLifecycleConfigName": name})
        for name in traces.lifecycle_configs
    ]
    remaining = list(map(training_jobs.label, traces.jobs))
    remaining += [f"log stream {stream} of {group}" for group, stream in traces.log_streams]
    remaining += [f"log group {group}" for group in traces.log_groups]
    remaining += [f"lifecycle configuration {name}" for name in traces.lifecycle_configs]
    return Plan(tuple(calls), tuple(remaining))


def look_at_domain(record: DomainRecord) -> Remains:
    """Return what is left of the domain that `record` describes."""
    domain = aws.describe("sagemaker", "describe_domain", DomainId=record.domain_id)
    if domain is not None:
        return Remains(record, domain_exists=True)
    file_system = _file_system(record.file_system_id)
    groups: list[SecurityGroup] = _of_groups(
        "describe_security_groups", "SecurityGroups", list(record.security_group_ids)
    )
    rules: list[SecurityGroupRule] = _of_groups(
        "describe_security_group_rules",
        "SecurityGroupRules",
        [group["GroupId"] for group in groups],
    )
    return Remains(
        record,
        domain_exists=False,
        mount_targets=tuple(_mount_targets(file_system)),
        file_system=file_system,
        security_groups=tuple(groups),
        group_rules=tuple(rules),
    )


def _file_system(file_system_id: str | None) -> FileSystem | None:
    if file_system_id is None:
        return None
    answer = aws.describe("efs", "describe_file_systems", FileSystemId=file_system_id)
    return next(iter(answer["FileSystems"]), None) if answer else None


def _mount_targets(file_system: FileSystem | None) -> list[MountTarget]:
    if file_system is None:
        return []
    return aws.list_all(
        "efs", "describe_mount_targets", "MountTargets", FileSystemId=file_system["FileSystemId"]
    )


def _of_groups(operation: str, key: str, ids: Sequence[str]) -> list[Any]:
    """Return the groups, or their rules, as boto3 returns them."""
    if not ids:
        return []
    # A filter, unlike a list of ids, finds the one that is left when the other has gone.
    by_id = [{"Name": "group-id", "Values": ids}]
    items = aws.list_all("ec2", operation, key, Filters=by_id)
    # They are deleted: an answer wider than the request must not reach another group.
    return [item for item in items if item["GroupId"] in ids]


def look_at_traces(name: str, domains: Sequence[DomainRecord]) -> Traces:
    """Return the jobs and logs of this deployment, at most `BATCH` of the many kinds."""
    jobs = list(training_jobs.of_deployment(name))
    ended = [job for job in jobs if job["TrainingJobStatus"] not in training_jobs.RUNNING]
    streams = [
        stream
        for prefix in training_job_prefixes(name)
        for stream in _streams(log_groups.TRAINING_JOBS, prefix)
        if is_training_job(name, stream.name.partition("/")[0])
    ]
    for domain in domains:
        streams += _streams(log_groups.STUDIO, f"{domain.domain_id}/")
    can_delete = aws.offers("sagemaker", "delete_training_job")
    return Traces(
        running=tuple(job for job in jobs if job["TrainingJobStatus"] in training_jobs.RUNNING),
        jobs=tuple(ended[:BATCH]) if can_delete else (),
        log_groups=tuple(_endpoint_logs(name)),
        log_streams=tuple(streams[:BATCH]),
        lifecycle_configs=tuple(_lifecycle_configs(name)),
    )


def _endpoint_logs(name: str) -> list[str]:
    groups = aws.list_all(
        "logs", "describe_log_groups", "logGroups", logGroupNamePrefix=log_groups.endpoint(name)
    )
    found = [group["logGroupName"] for group in groups]
    return [group for group in found if log_groups.is_of_endpoint(name, group)]


def _lifecycle_configs(name: str) -> list[str]:
    prefix = lab_prefix(name)
    configs = aws.list_all(
        "sagemaker",
        "list_studio_lifecycle_configs",
        "StudioLifecycleConfigs",
        NameContains=space_name(name),  # which may not end with a hyphen, as the prefix does
    )
    found = [config["StudioLifecycleConfigName"] for config in configs]
    return [config for config in found if config.startswith(prefix)]


def _streams(group: str, prefix: str) -> list[LogStream]:
    streams = aws.list_all(
        "logs",
        "describe_log_streams",
        "logStreams",
        logGroupName=group,
        logStreamNamePrefix=prefix,
    )
    return [LogStream(group, stream["logStreamName"]) for stream in streams]


def on_event(event: Event[SweepProperties], _context: object) -> Accepted:
    """Accept the request; `is_complete` does the work of a Delete."""
    return accept(event, f"{event['ResourceProperties']['Name']}-sweep")


def is_complete(event: Event[SweepProperties], _context: object) -> Progress:
    """On Delete, sweep further and report whether nothing is left."""
    return progress(event, _sweep)


def _sweep(properties: SweepProperties) -> tuple[str, ...]:
    # A file system that is mounted nowhere any more is no longer found: it is written down first.
    unrecorded = unrecorded_domains.find(properties["VpcId"])
    domains = domain_records.write(properties["RecordParameter"], unrecorded)

    def next_plan() -> Plan:
        of_domains = sum((plan_domain(look_at_domain(domain)) for domain in domains), Plan())
        first = of_domains + lab_endpoints.plan(lab_endpoints.look(properties["Name"]))
        if first.remaining:
            return first
        return plan_traces(look_at_traces(properties["Name"], domains))

    return aws.settle(next_plan)
