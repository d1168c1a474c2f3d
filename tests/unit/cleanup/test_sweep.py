"""Sweep deletes what a gone domain leaves behind, in order, and this deployment's traces."""

import datetime as dt
from collections.abc import Callable
from typing import Literal

import pytest
from botocore.stub import Stubber

from cleanup import sweep
from cleanup.deletion_plan import Plan
from cleanup.descriptions import FileSystem, MountTarget, SecurityGroup, SecurityGroupRule
from cleanup.domain_records import DomainRecord
from cleanup.resource import Event
from cleanup.sweep import LogStream, Remains, Traces
from contract import log_groups
from contract.cleanup_properties import SweepProperties

DOMAIN = "d-abcdefghijkl"
SYSTEM = "fs-0123456789abcdef0"
RECORD = DomainRecord(DOMAIN, f"arn:aws:sagemaker:::domain/{DOMAIN}", SYSTEM, ("sg-1", "sg-2"))
JOB = "mine-train-0123456789ab-0"
NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)


def target(state: str) -> MountTarget:
    return {"MountTargetId": "fsmt-0123456789abcdef0", "LifeCycleState": state}


def system(state: str = "available") -> FileSystem:
    return {"FileSystemId": SYSTEM, "LifeCycleState": state}


def group(group_id: str) -> SecurityGroup:
    return {"GroupId": group_id}


def rule(group_id: str, *, egress: bool) -> SecurityGroupRule:
    return {"GroupId": group_id, "SecurityGroupRuleId": f"sgr-{group_id}", "IsEgress": egress}


def plan(
    *,
    mount_targets: tuple[MountTarget, ...] = (),
    file_system: FileSystem | None = None,
    security_groups: tuple[SecurityGroup, ...] = (),
    group_rules: tuple[SecurityGroupRule, ...] = (),
) -> Plan:
    return sweep.plan_domain(
        Remains(RECORD, False, mount_targets, file_system, security_groups, group_rules)
    )


def operations(made: Plan) -> list[str]:
    return [call.operation for call in made.calls]


def test_nothing_is_touched_while_the_domain_exists() -> None:
    remains = Remains(
        RECORD, True, mount_targets=(target("available"),), file_system=system("available")
    )
    assert sweep.plan_domain(remains) == Plan(remaining=(f"domain {DOMAIN}",))


def test_mount_targets_go_first(check_calls: Callable[[Plan], None]) -> None:
    made = plan(
        mount_targets=(target("available"),),
        file_system=system(),
        security_groups=(group("sg-1"),),
    )
    check_calls(made)
    assert operations(made) == ["delete_mount_target"]


def test_a_mount_target_being_deleted_is_waited_for() -> None:
    made = plan(mount_targets=(target("deleting"),), file_system=system())
    assert made == Plan(remaining=("mount target fsmt-0123456789abcdef0",))


def test_the_file_system_goes_once_it_is_mounted_nowhere(
    check_calls: Callable[[Plan], None],
) -> None:
    made = plan(file_system=system())
    check_calls(made)
    assert operations(made) == ["delete_file_system"]


def test_a_file_system_being_deleted_is_waited_for() -> None:
    assert plan(file_system=system("deleting")) == Plan(remaining=(f"file system {SYSTEM}",))


def test_the_rules_of_both_groups_go_before_either_group(
    check_calls: Callable[[Plan], None],
) -> None:
    made = plan(
        security_groups=(group("sg-1"), group("sg-2")),
        group_rules=(rule("sg-1", egress=False), rule("sg-2", egress=True)),
    )
    check_calls(made)
    assert operations(made) == ["revoke_security_group_ingress", "revoke_security_group_egress"]
    assert len(made.remaining) == 2


def test_groups_without_rules_are_deleted(check_calls: Callable[[Plan], None]) -> None:
    made = plan(security_groups=(group("sg-1"), group("sg-2")))
    check_calls(made)
    assert [call.parameters for call in made.calls] == [{"GroupId": "sg-1"}, {"GroupId": "sg-2"}]


def test_a_domain_of_which_nothing_is_left_is_done() -> None:
    assert plan() == Plan()


def test_records_of_jobs_and_their_logs_go_together(check_calls: Callable[[Plan], None]) -> None:
    made = sweep.plan_traces(
        Traces(
            jobs=({"TrainingJobName": JOB, "TrainingJobStatus": "Stopped"},),
            log_groups=(log_groups.endpoint("mine"),),
            log_streams=(LogStream(log_groups.TRAINING_JOBS, f"{JOB}/algo-1-1"),),
        )
    )
    check_calls(made)
    assert operations(made) == ["delete_training_job", "delete_log_stream", "delete_log_group"]
    assert len(made.remaining) == 3


def test_no_traces_are_done() -> None:
    assert sweep.plan_traces(Traces()) == Plan()


def _answer_traces(stub: Callable[[str], Stubber], jobs: list[str], streams: list[str]) -> None:
    summaries = [
        {
            "TrainingJobName": name,
            "TrainingJobArn": f"arn:aws:sagemaker:eu-west-1:111122223333:training-job/{name}",
            "CreationTime": NOW,
            "TrainingJobStatus": "Completed",
        }
        for name in jobs
    ]
    stub("sagemaker").add_response("list_training_jobs", {"TrainingJobSummaries": summaries})
    logs = stub("logs")
    endpoint = log_groups.endpoint("mine")
    logs.add_response("describe_log_streams", {}, {"logGroupName": endpoint, "limit": 1})
    logs.add_response(
        "describe_log_streams",
        {"logStreams": [{"logStreamName": name} for name in streams]},
        {"logGroupName": log_groups.TRAINING_JOBS, "logStreamNamePrefix": "mine-train-"},
    )
    logs.add_client_error("describe_log_streams", "ResourceNotFoundException")


def test_only_traces_of_this_deployment_are_found(stub: Callable[[str], Stubber]) -> None:
    ours, others = "mine-train-0123456789ab-1", "mine-train-x-train-0123456789ab-1"
    _answer_traces(stub, [ours, others], [f"{ours}/algo-1-1", f"{others}/algo-1-1"])
    traces = sweep.look_at_traces("mine", (RECORD,))
    assert [job["TrainingJobName"] for job in traces.jobs] == [ours]
    assert traces.log_groups == (log_groups.endpoint("mine"),)
    assert traces.log_streams == ((log_groups.TRAINING_JOBS, f"{ours}/algo-1-1"),)


def test_one_look_takes_no_more_than_a_batch(stub: Callable[[str], Stubber]) -> None:
    jobs = [f"mine-train-0123456789ab-{attempt}" for attempt in range(sweep.BATCH + 1)]
    _answer_traces(stub, jobs, [f"{job}/algo-1-1" for job in jobs])
    traces = sweep.look_at_traces("mine", (RECORD,))
    assert len(traces.jobs) == len(traces.log_streams) == sweep.BATCH


def test_a_domain_without_a_home_file_system_leaves_only_groups(
    stub: Callable[[str], Stubber],
) -> None:
    stub("sagemaker").add_client_error("describe_domain", "ResourceNotFound")
    record = DomainRecord(DOMAIN, RECORD.domain_arn, None, ())
    assert sweep.look_at_domain(record) == Remains(record, domain_exists=False)


def test_the_remains_are_looked_up_by_what_was_written_down(
    stub: Callable[[str], Stubber],
) -> None:
    stub("sagemaker").add_client_error("describe_domain", "ResourceNotFound")
    efs = stub("efs")
    efs.add_client_error("describe_file_systems", "FileSystemNotFound")
    stub("ec2").add_response(
        "describe_security_groups",
        {"SecurityGroups": [{"GroupId": "sg-2"}, {"GroupId": "sg-others"}]},
        {"Filters": [{"Name": "group-id", "Values": ["sg-1", "sg-2"]}]},
    )
    stub("ec2").add_response(
        "describe_security_group_rules",
        {"SecurityGroupRules": [{"SecurityGroupRuleId": "sgr-1", "GroupId": "sg-2"}]},
        {"Filters": [{"Name": "group-id", "Values": ["sg-2"]}]},
    )
    remains = sweep.look_at_domain(RECORD)
    assert remains.file_system is None
    assert [rule["SecurityGroupRuleId"] for rule in remains.group_rules] == ["sgr-1"]
    assert [group["GroupId"] for group in remains.security_groups] == ["sg-2"]


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_nothing_happens_before_the_stack_is_deleted(
    request_type: Literal["Create", "Update"],
) -> None:
    event: Event[SweepProperties] = {
        "RequestType": request_type,
        "ResourceProperties": {"Name": "mine", "RecordParameter": "Records"},
    }
    assert sweep.on_event(event, None)["PhysicalResourceId"] == "mine-sweep"
    assert sweep.is_complete(event, None) == {"IsComplete": True}
