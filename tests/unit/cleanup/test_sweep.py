"""Sweep deletes what a gone domain leaves behind, in order, and this deployment's traces."""

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Literal

import pytest
from botocore.stub import Stubber

from cleanup import aws, sweep
from cleanup.deletion_plan import Plan
from cleanup.descriptions import FileSystem, MountTarget, SecurityGroup, SecurityGroupRule
from cleanup.domain_records import DomainRecord
from cleanup.resource import Event
from cleanup.sweep import LogStream, Remains, Traces
from contract import log_groups
from contract.cleanup_properties import SweepProperties

DOMAIN = "d-abcdefghijkl"
SYSTEM = "fs-0123456789abcdef0"
RECORD = DomainRecord(DOMAIN, SYSTEM, ("sg-1", "sg-2"))
JOB = "mine-train-0123456789ab-0"
OF_LAB = "mine-lab-by-hand"
NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)


def target(state: str) -> MountTarget:
    return {
        "MountTargetId": "fsmt-0123456789abcdef0",
        "LifeCycleState": state,
        "VpcId": "vpc-1",
    }


def system(state: str = "available") -> FileSystem:
    return {"FileSystemId": SYSTEM, "LifeCycleState": state, "Tags": []}


def group(group_id: str) -> SecurityGroup:
    return {"GroupId": group_id, "GroupName": "any"}


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


def test_jobs_that_run_are_stopped_before_any_trace_is_deleted(
    check_calls: Callable[[Plan], None],
) -> None:
    made = sweep.plan_traces(
        Traces(
            running=({"TrainingJobName": OF_LAB, "TrainingJobStatus": "InProgress"},),
            jobs=({"TrainingJobName": JOB, "TrainingJobStatus": "Stopped"},),
        )
    )
    check_calls(made)
    assert operations(made) == ["stop_training_job"]
    assert made.remaining == (f"training job {OF_LAB} (InProgress)",)


def test_a_replaced_lifecycle_configuration_is_deleted(
    check_calls: Callable[[Plan], None],
) -> None:
    made = sweep.plan_traces(Traces(lifecycle_configs=("mine-lab-0123abcd",)))
    check_calls(made)
    assert operations(made) == ["delete_studio_lifecycle_config"]
    assert made.remaining == ("lifecycle configuration mine-lab-0123abcd",)


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
    sagemaker, logs = stub("sagemaker"), stub("logs")
    for prefix in ("mine-train-", "mine-lab-"):
        of_prefix = [job for job in summaries if prefix in str(job["TrainingJobName"])]
        answer = {"TrainingJobSummaries": of_prefix}
        sagemaker.add_response("list_training_jobs", answer, {"NameContains": prefix})
        logs.add_response(
            "describe_log_streams",
            {"logStreams": [{"logStreamName": name} for name in streams if prefix in name]},
            {"logGroupName": log_groups.TRAINING_JOBS, "logStreamNamePrefix": prefix},
        )
    logs.add_client_error("describe_log_streams", "ResourceNotFoundException")
    endpoint = log_groups.endpoint("mine")
    groups = [endpoint, f"{endpoint}-lab-1", f"{endpoint}-too"]
    logs.add_response(
        "describe_log_groups",
        {"logGroups": [{"logGroupName": name} for name in groups]},
        {"logGroupNamePrefix": endpoint},
    )
    configs = [{"StudioLifecycleConfigName": name} for name in ("mine-lab-1", "all-mine-lab-1")]
    sagemaker.add_response(
        "list_studio_lifecycle_configs",
        {"StudioLifecycleConfigs": configs},
        # SageMaker takes no hyphen at the end here.
        {"NameContains": "mine-lab"},
    )


def test_only_traces_of_this_deployment_are_found(stub: Callable[[str], Stubber]) -> None:
    ours, others = "mine-train-0123456789ab-1", "mine-train-x-train-0123456789ab-1"
    jobs = [ours, others, OF_LAB]
    _answer_traces(stub, jobs, [f"{job}/algo-1-1" for job in jobs])
    traces = sweep.look_at_traces("mine", (RECORD,))
    assert [job["TrainingJobName"] for job in traces.jobs] == [ours, OF_LAB]
    endpoint = log_groups.endpoint("mine")
    assert traces.log_groups == (endpoint, f"{endpoint}-lab-1")
    assert traces.log_streams == tuple(
        LogStream(log_groups.TRAINING_JOBS, f"{job}/algo-1-1") for job in (ours, OF_LAB)
    )
    assert traces.lifecycle_configs == ("mine-lab-1",)


def test_one_look_takes_no_more_than_a_batch(stub: Callable[[str], Stubber]) -> None:
    jobs = [f"mine-train-0123456789ab-{attempt}" for attempt in range(sweep.BATCH + 1)]
    _answer_traces(stub, jobs, [f"{job}/algo-1-1" for job in jobs])
    traces = sweep.look_at_traces("mine", (RECORD,))
    assert len(traces.jobs) == len(traces.log_streams) == sweep.BATCH


def test_an_operation_that_an_old_boto3_lacks_is_left_out_and_logged(
    stub: Callable[[str], Stubber],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    _answer_traces(stub, [JOB], [])
    known = aws.client("sagemaker")
    lists = {name: getattr(known, name) for name in dir(known) if name.startswith("list_")}
    lists |= {"get_paginator": known.get_paginator, "can_paginate": known.can_paginate}
    clients = {"sagemaker": SimpleNamespace(**lists), "logs": aws.client("logs")}
    monkeypatch.setattr(aws, "client", clients.__getitem__)
    traces = sweep.look_at_traces("mine", (RECORD,))
    assert traces.jobs == ()
    assert "has no sagemaker.delete_training_job: left out" in caplog.text


def test_a_domain_without_a_home_file_system_leaves_only_groups(
    stub: Callable[[str], Stubber],
) -> None:
    stub("sagemaker").add_client_error("describe_domain", "ResourceNotFound")
    record = DomainRecord(DOMAIN, None, ())
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
        "ResourceProperties": {
            "Name": "mine",
            "RecordParameter": "Records",
            "VpcId": "vpc-1",
        },
    }
    assert sweep.on_event(event, None)["PhysicalResourceId"] == "mine-sweep"
    assert sweep.is_complete(event, None) == {"IsComplete": True}
