"""What each task function may do beyond writing its own log."""

from collections.abc import Mapping

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from contract import log_groups, names, s3_layout
from stacks import arns
from stacks.nag import acknowledge_wildcards
from stacks.statements import allow, pass_role, wildcards

_REPORTS = s3_layout.run_prefix("*") + s3_layout.REPORT
_BY_TIME = s3_layout.run_prefix("*") + s3_layout.BY_TIME
_RECOMMENDATIONS = s3_layout.run_prefix("*") + s3_layout.RECOMMENDATIONS


class TaskPermissions:
    """The policy statements by handler module, and the reasons for their wildcards.

    Args:
        scope: Where the functions are.
        deployment: The deployment's name.
        bucket: The deployment's bucket.
        serving_role_arn: The role that CloudFormation assumes to update the Serving stack.
        failure_topic_arn: The topic that failures are published to.
    """

    def __init__(
        self,
        scope: Construct,
        *,
        deployment: str,
        bucket: s3.IBucket,
        serving_role_arn: str,
        failure_topic_arn: str,
    ) -> None:
        self._bucket = arns.bucket(bucket)
        self._live = f"{self._bucket}/{s3_layout.LIVE}"
        self._executions = arns.executions(scope, deployment)
        self._jobs = arns.training_jobs(scope, deployment)
        self._training_log = arns.log_group(scope, log_groups.TRAINING_JOBS)
        self._serving_stack = arns.stack(scope, names.stack_name(deployment, "serving"))
        self._endpoint = arns.endpoint(scope, deployment)
        self._serving_role = serving_role_arn
        self._failure_topic = failure_topic_arn
        self.by_module = self._by_module()

    def _by_module(self) -> Mapping[str, list[iam.PolicyStatement]]:
        read_runs = [self._list(s3_layout.RUNS), self._read(s3_layout.RUNS)]
        describe_stack = allow("cloudformation:DescribeStacks", on=[self._serving_stack])
        change_stack = [describe_stack, *self._change_stack(), *self._lock(), *read_runs]
        verify = [
            describe_stack,
            self._invoke_endpoint(),
            *self._lock(),
            allow("s3:PutObject", on=[self._live]),
            *read_runs,
        ]
        read_raw = [self._list(s3_layout.RAW), self._read(s3_layout.RAW)]
        return {
            "prepare_data": [*read_raw, self._write(s3_layout.RUNS)],
            "prepare_by_time": [*read_raw, *read_runs, self._write(_BY_TIME)],
            "evaluate_model": [
                *read_runs,
                describe_stack,
                allow("sagemaker:DescribeTrainingJob", on=[self._jobs]),
                allow("logs:DescribeLogStreams", "logs:FilterLogEvents", on=self._training_log),
                self._write(_REPORTS),
            ],
            "gate_model": [],
            "deploy_model": [*change_stack, allow("s3:GetObject", on=[self._live])],
            "describe_deployment": [
                allow(
                    "cloudformation:DescribeStacks",
                    "cloudformation:DescribeStackEvents",
                    on=[self._serving_stack],
                )
            ],
            "verify_endpoint": verify,
            "roll_back_model": change_stack,
            "verify_roll_back": verify,
            "publish_recommendations": [*read_runs, self._write(_RECOMMENDATIONS)],
            "notify_failure": [allow("sns:Publish", on=[self._failure_topic])],
            "recommend": [
                *read_runs,
                allow("s3:GetObject", on=[self._live]),
                self._list(s3_layout.DEPLOYMENT),
            ],
        }

    def acknowledge(self, module: str, policy: iam.Policy) -> None:
        """Acknowledge the wildcards in the policy of `tasks.<module>`, each with its reason."""
        named_by_execution = "A run's folder is named by its execution, which does not exist yet."
        reasons = {
            self._objects(s3_layout.RAW): "Users choose the names of what they upload.",
            self._objects(s3_layout.RUNS): named_by_execution,
            self._objects(_BY_TIME): named_by_execution,
            self._objects(_REPORTS): named_by_execution,
            self._objects(_RECOMMENDATIONS): named_by_execution,
            self._serving_stack: "A stack's ARN ends in an id that its next creation changes.",
            self._executions: "Which execution has the lock is known only when it runs.",
            self._jobs: "A job is named by its execution, which does not exist yet.",
            self._training_log[1]: "The streams of a job begin with its name.",
        }
        for resource in wildcards(self.by_module[module]):
            acknowledge_wildcards(policy, reasons[resource], resources=[resource])

    def _lock(self) -> list[iam.PolicyStatement]:
        """Return what tasks.rollout.lock needs: its object, and whether its holder still runs."""
        lock = f"{self._bucket}/{s3_layout.LOCK}"
        return [
            allow("s3:GetObject", "s3:PutObject", on=[lock]),
            self._list(s3_layout.DEPLOYMENT),
            allow("states:DescribeExecution", on=[self._executions]),
        ]

    def _change_stack(self) -> list[iam.PolicyStatement]:
        return [
            allow(
                "cloudformation:UpdateStack",
                on=[self._serving_stack],
                StringEquals={"cloudformation:RoleArn": self._serving_role},
            ),
            pass_role(self._serving_role, to="cloudformation.amazonaws.com"),
        ]

    def _invoke_endpoint(self) -> iam.PolicyStatement:
        return allow("sagemaker:DescribeEndpoint", "sagemaker:InvokeEndpoint", on=[self._endpoint])

    def _objects(self, folder: str) -> str:
        return f"{self._bucket}/{folder}*"

    def _read(self, folder: str) -> iam.PolicyStatement:
        return allow("s3:GetObject", on=[self._objects(folder)])

    def _write(self, folder: str) -> iam.PolicyStatement:
        return allow("s3:PutObject", "s3:AbortMultipartUpload", on=[self._objects(folder)])

    def _list(self, folder: str) -> iam.PolicyStatement:
        # Without it, S3 answers 403 for an object that is not there.
        return allow("s3:ListBucket", on=[self._bucket], StringLike={"s3:prefix": f"{folder}*"})
