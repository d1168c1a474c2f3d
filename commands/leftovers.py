"""Searches for the resources of a deployment that are still in the account, service by service.

Each search is a function that yields what it finds; `leftovers` runs them all.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from commands.account_reader import Account
from contract import log_groups as sagemaker_logs
from contract import names


@dataclass(frozen=True, order=True)
class Leftover:
    """A resource of the deployment that is still in the account."""

    kind: str
    name: str


Search = Callable[[Account], Iterator[Leftover]]


def stacks(account: Account) -> Iterator[Leftover]:
    for stack in account.list_all("cloudformation", "describe_stacks", "Stacks"):
        if stack["StackName"] in account.stacks and stack["StackStatus"] != "DELETE_COMPLETE":
            yield Leftover("stack", f"{stack['StackName']} ({stack['StackStatus']})")


def buckets(account: Account) -> Iterator[Leftover]:
    for bucket in account.list_all("s3", "list_buckets", "Buckets"):
        if account.generated(bucket["Name"], "s3", "get_bucket_tagging", Bucket=bucket["Name"]):
            yield Leftover("bucket", bucket["Name"])


def roles(account: Account) -> Iterator[Leftover]:
    for role in account.list_all("iam", "list_roles", "Roles"):
        name = role["RoleName"]
        if account.generated(name, "iam", "list_role_tags", RoleName=name):
            yield Leftover("role", name)


def policies(account: Account) -> Iterator[Leftover]:
    for policy in account.list_all("iam", "list_policies", "Policies", Scope="Local"):
        name = policy["PolicyName"]
        if account.generated(name, "iam", "list_policy_tags", PolicyArn=policy["Arn"]):
            yield Leftover("policy", name)


def functions(account: Account) -> Iterator[Leftover]:
    for function in account.list_all("lambda", "list_functions", "Functions"):
        name = function["FunctionName"]
        if account.generated(name, "lambda", "list_tags", Resource=function["FunctionArn"]):
            yield Leftover("function", name)


def state_machines(account: Account) -> Iterator[Leftover]:
    states = account.client("stepfunctions")
    for machine in account.list_all("stepfunctions", "list_state_machines", "stateMachines"):
        name, arn = machine["name"], machine["stateMachineArn"]
        # CloudFormation leaves the stack out of the names of state machines: only tags tell.
        if name != account.name and not account.has_tag(
            states.list_tags_for_resource(resourceArn=arn)["tags"]
        ):
            continue
        yield Leftover("state machine", name)
        running = account.list_all(
            "stepfunctions",
            "list_executions",
            "executions",
            stateMachineArn=arn,
            statusFilter="RUNNING",
        )
        for execution in running:
            yield Leftover("running execution", execution["name"])


def log_groups(account: Account) -> Iterator[Leftover]:
    for group in account.list_all("logs", "describe_log_groups", "logGroups"):
        name, arn = group["logGroupName"], group["arn"].removesuffix(":*")
        # CloudFormation's name, or one under a service's folder: /aws/lambda/<function>.
        if sagemaker_logs.is_of_endpoint(account.name, name) or any(
            account.generated(part, "logs", "list_tags_for_resource", resourceArn=arn)
            for part in name.split("/")
        ):
            yield Leftover("log group", name)


def log_streams(account: Account) -> Iterator[Leftover]:
    for prefix in names.training_job_prefixes(account.name):
        for stream in account.list_all(
            "logs",
            "describe_log_streams",
            "logStreams",
            logGroupName=sagemaker_logs.TRAINING_JOBS,
            logStreamNamePrefix=prefix,
        ):
            name = stream["logStreamName"]
            if names.is_training_job(account.name, name.partition("/")[0]):
                yield Leftover("log stream", f"{sagemaker_logs.TRAINING_JOBS}: {name}")
    owners = {names.space_name(account.name), names.user_profile_name(account.name)}
    for stream in account.list_all(
        "logs", "describe_log_streams", "logStreams", logGroupName=sagemaker_logs.STUDIO
    ):
        name = stream["logStreamName"]  # <domain>/<space or user profile>/<app type>/<app>
        if owners & set(name.split("/")[1:2]):
            yield Leftover("log stream", f"{sagemaker_logs.STUDIO}: {name}")


def topics(account: Account) -> Iterator[Leftover]:
    for topic in account.list_all("sns", "list_topics", "Topics"):
        arn = topic["TopicArn"]
        name = arn.rpartition(":")[2]
        if account.generated(name, "sns", "list_tags_for_resource", ResourceArn=arn):
            yield Leftover("topic", name)


def parameters(account: Account) -> Iterator[Leftover]:
    prefix = names.parameter_prefix(account.name)
    by_name = [{"Key": "Name", "Option": "BeginsWith", "Values": [prefix]}]
    for parameter in account.list_all(
        "ssm", "describe_parameters", "Parameters", ParameterFilters=by_name
    ):
        if parameter["Name"].startswith(prefix):
            yield Leftover("parameter", parameter["Name"])


def rules(account: Account) -> Iterator[Leftover]:
    for rule in account.list_all("events", "list_rules", "Rules"):
        if account.generated(
            rule["Name"], "events", "list_tags_for_resource", ResourceARN=rule["Arn"]
        ):
            yield Leftover("event rule", rule["Name"])


def alarms(account: Account) -> Iterator[Leftover]:
    for alarm in account.list_all(
        "cloudwatch", "describe_alarms", "MetricAlarms", AlarmNamePrefix=f"{account.name}-"
    ):
        name, arn = alarm["AlarmName"], alarm["AlarmArn"]
        if account.generated(name, "cloudwatch", "list_tags_for_resource", ResourceARN=arn):
            yield Leftover("alarm", alarm["AlarmName"])


def network(account: Account) -> Iterator[Leftover]:
    """Yield the tagged VPC and everything in it, which keeps it from being deleted."""
    by_tag = [{"Name": f"tag:{names.DEPLOYMENT_TAG}", "Values": [account.name]}]
    for vpc in account.list_all("ec2", "describe_vpcs", "Vpcs", Filters=by_tag):
        vpc_id = vpc["VpcId"]
        yield Leftover("VPC", vpc_id)
        inside = [{"Name": "vpc-id", "Values": [vpc_id]}]
        for operation, key, field, kind in (
            ("describe_subnets", "Subnets", "SubnetId", "subnet"),
            ("describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId", "VPC endpoint"),
            (
                "describe_network_interfaces",
                "NetworkInterfaces",
                "NetworkInterfaceId",
                "network interface",
            ),
        ):
            for item in account.list_all("ec2", operation, key, Filters=inside):
                yield Leftover(kind, item[field])
        for group in account.list_all(
            "ec2", "describe_security_groups", "SecurityGroups", Filters=inside
        ):
            if group["GroupName"] != "default":
                yield Leftover("security group", f"{group['GroupId']} ({group['GroupName']})")


def file_systems(account: Account) -> Iterator[Leftover]:
    """Yield file systems that have the tag, belong to the domain, or are mounted in the VPC."""
    by_tag = [{"Name": f"tag:{names.DEPLOYMENT_TAG}", "Values": [account.name]}]
    vpcs = {
        vpc["VpcId"] for vpc in account.list_all("ec2", "describe_vpcs", "Vpcs", Filters=by_tag)
    }
    homes = {domain.get("HomeEfsFileSystemId") for domain in _domains(account)}
    for system in account.list_all("efs", "describe_file_systems", "FileSystems"):
        system_id = system["FileSystemId"]
        targets = account.list_all(
            "efs", "describe_mount_targets", "MountTargets", FileSystemId=system_id
        )
        if (
            system_id in homes
            or account.has_tag(system.get("Tags", []))
            or any(target.get("VpcId") in vpcs for target in targets)
        ):
            yield Leftover("file system", system_id)


def studio(account: Account) -> Iterator[Leftover]:
    for domain in _domains(account):
        domain_id = domain["DomainId"]
        yield Leftover("domain", f"{domain_id} ({domain['Status']})")
        for operation, key, field, kind in (
            ("list_user_profiles", "UserProfiles", "UserProfileName", "user profile"),
            ("list_spaces", "Spaces", "SpaceName", "space"),
            ("list_apps", "Apps", "AppName", "app"),
        ):
            for item in account.list_all("sagemaker", operation, key, DomainIdEquals=domain_id):
                if item["Status"] != "Deleted":
                    yield Leftover(kind, f"{item[field]} ({item['Status']}) of {domain_id}")
    space = names.space_name(account.name)
    for config in account.list_all(
        "sagemaker", "list_studio_lifecycle_configs", "StudioLifecycleConfigs", NameContains=space
    ):
        if config["StudioLifecycleConfigName"].startswith(f"{space}-"):
            yield Leftover("lifecycle configuration", config["StudioLifecycleConfigName"])


def serving(account: Account) -> Iterator[Leftover]:
    sagemaker = account.client("sagemaker")
    for endpoint in account.list_all(
        "sagemaker", "list_endpoints", "Endpoints", NameContains=account.name
    ):
        name = endpoint["EndpointName"]
        if names.is_endpoint(account.name, name):
            yield Leftover("endpoint", f"{name} ({endpoint['EndpointStatus']})")
    for operation, key, prefix, kind in (
        ("list_endpoint_configs", "EndpointConfigs", "EndpointConfig", "endpoint config"),
        ("list_models", "Models", "Model", "model"),
    ):
        for item in account.list_all("sagemaker", operation, key):
            name, arn = item[f"{prefix}Name"], item[f"{prefix}Arn"]
            # What was made by hand in the lab has its name; CloudFormation's has a tag.
            if name.startswith(names.lab_prefix(account.name)) or account.has_tag(
                sagemaker.list_tags(ResourceArn=arn)["Tags"]
            ):
                yield Leftover(kind, name)


def training_jobs(account: Account) -> Iterator[Leftover]:
    for prefix in names.training_job_prefixes(account.name):
        for job in account.list_all(
            "sagemaker", "list_training_jobs", "TrainingJobSummaries", NameContains=prefix
        ):
            name = job["TrainingJobName"]
            if names.is_training_job(account.name, name):
                yield Leftover("training job", f"{name} ({job['TrainingJobStatus']})")


def scalable_targets(account: Account) -> Iterator[Leftover]:
    variant = f"endpoint/{account.name}/variant/{names.VARIANT}"
    for target in account.list_all(
        "application-autoscaling",
        "describe_scalable_targets",
        "ScalableTargets",
        ServiceNamespace="sagemaker",
        ResourceIds=[variant],
    ):
        yield Leftover("scalable target", target["ResourceId"])


SEARCHES: tuple[Search, ...] = (
    stacks,
    buckets,
    roles,
    policies,
    functions,
    state_machines,
    topics,
    parameters,
    rules,
    alarms,
    network,
    file_systems,
    studio,
    serving,
    training_jobs,
    scalable_targets,
    log_groups,
    log_streams,
)


def leftovers(session: Any, name: str) -> list[Leftover]:
    """Return what is left of deployment `name`, sorted.

    Args:
        session: a boto3 session (untyped) of the account and region to search.
        name: the deployment.

    Raises:
        ClientError: the account refuses a request; it is then unknown whether anything is left.
    """
    account = Account(session, name)
    return sorted({leftover for search in SEARCHES for leftover in search(account)})


def _domains(account: Account) -> Iterator[Any]:
    """Yield the descriptions of the deployment's domains as boto3 gives them (untyped)."""
    sagemaker = account.client("sagemaker")
    for domain in account.list_all("sagemaker", "list_domains", "Domains"):
        if domain["DomainName"] == account.name:
            yield sagemaker.describe_domain(DomainId=domain["DomainId"])
