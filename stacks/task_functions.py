"""The Lambda functions behind the states, each beside what it may do."""

from collections.abc import Sequence

from aws_cdk import ArnFormat, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct

from stacks import assets
from stacks.nag import acknowledge_wildcards
from stacks.recommend_function import RecommendFunction
from stacks.settings import Settings
from stacks.task_function import RUNTIME, TaskFunction

_TIMEOUT = Duration.minutes(15)


class TaskFunctions(Construct):
    """`by_state` maps a state's name to its function."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        layer_platform: assets.LayerPlatform,
        bucket: s3.IBucket,
        serving_stack_name: str,
        serving_role_arn: str,
        failure_topic: sns.ITopic,
    ) -> None:
        super().__init__(scope, construct_id)
        self.by_state: dict[str, lambda_.Function] = {}
        self._settings = settings
        # An exported string, not bucket.bucket_arn: cdk-nag's acknowledgements must name it.
        self._bucket_arn = Stack.of(bucket).export_value(bucket.bucket_arn)
        self._serving_role_arn = serving_role_arn
        self._serving_stack_arn = self._arn("cloudformation", "stack", f"{serving_stack_name}/*")
        self._execution_arn = Stack.of(self).format_arn(
            service="states",
            resource="execution",
            resource_name=f"{settings.name}:*",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )
        self._environment = {
            "BUCKET": bucket.bucket_name,
            "DEPLOYMENT": settings.name,
            "ENDPOINT_NAME": settings.name,
            "SERVING_STACK": serving_stack_name,
            "SERVING_ROLE_ARN": serving_role_arn,
            "FAILURE_TOPIC_ARN": failure_topic.topic_arn,
            "POWERTOOLS_METRICS_DISABLED": "true",
            "OPENBLAS_NUM_THREADS": "1",  # fm.top_n shares work out itself
        }
        self._code = lambda_.Code.from_asset(str(assets.task_code()))
        self._layer = lambda_.LayerVersion(
            self,
            "Dependencies",
            code=lambda_.Code.from_asset(str(assets.dependency_layer(layer_platform))),
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[lambda_.Architecture.ARM_64],
        )
        self._prepare_data()
        self._evaluate_model()
        self._function("GateModel", "gate_model", [])
        self._deploy_model()
        self._verify_endpoint()
        self._publish_recommendations()
        notify = iam.PolicyStatement(actions=["sns:Publish"], resources=[failure_topic.topic_arn])
        self._function("NotifyFailure", "notify_failure", [notify])
        self._recommend()

    def _prepare_data(self) -> None:
        self._function(
            "PrepareData",
            "prepare_data",
            [self._list("raw/"), self._read("raw/*"), self._write("runs/*")],
            wildcards=["raw/*", "runs/*"],
        )

    def _evaluate_model(self) -> None:
        jobs = self._arn("sagemaker", "training-job", f"{self._settings.name}-train-*")
        log = self._training_log_arn()
        every_stream = f"{log}:*"
        describe_job = iam.PolicyStatement(
            actions=["sagemaker:DescribeTrainingJob"], resources=[jobs]
        )
        # IAM names a group with and without ":*", depending on the action.
        learning_curve = iam.PolicyStatement(
            actions=["logs:DescribeLogStreams", "logs:FilterLogEvents"],
            resources=[log, every_stream],
        )
        policy = self._function(
            "EvaluateModel",
            "evaluate_model",
            [
                describe_job,
                learning_curve,
                self._describe_stack("DescribeStacks"),
                self._list("runs/"),
                self._read("runs/*"),
                self._write("runs/*/report/*"),
            ],
            wildcards=["runs/*", "runs/*/report/*"],
            serving=True,
        )
        acknowledge_wildcards(
            policy,
            "A job is named by its execution, and its streams by the job.",
            resources=[jobs, every_stream],
        )

    def _deploy_model(self) -> None:
        update = iam.PolicyStatement(
            actions=["cloudformation:UpdateStack"],
            resources=[self._serving_stack_arn],
            conditions={"StringEquals": {"cloudformation:RoleArn": self._serving_role_arn}},
        )
        hand_over = iam.PolicyStatement(
            actions=["iam:PassRole"],
            resources=[self._serving_role_arn],
            conditions={"StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}},
        )
        change = [update, hand_over, self._describe_stack("DescribeStacks")]
        for state, module in (
            ("DeployModel", "deploy_model"),
            ("RollBackModel", "roll_back_model"),
        ):
            self._function(
                state,
                module,
                [*change, *self._lock(), self._list("runs/"), self._read("runs/*")],
                wildcards=["runs/*"],
                serving=True,
                locks=True,
            )
        self._function(
            "DescribeDeployment",
            "describe_deployment",
            [self._describe_stack("DescribeStacks", "DescribeStackEvents")],
            serving=True,
        )

    def _verify_endpoint(self) -> None:
        ask = iam.PolicyStatement(
            actions=["sagemaker:DescribeEndpoint", "sagemaker:InvokeEndpoint"],
            resources=[self._arn("sagemaker", "endpoint", self._settings.name)],
        )
        read = [self._describe_stack("DescribeStacks"), self._list("runs/"), self._read("runs/*")]
        for state, module in (
            ("VerifyEndpoint", "verify_endpoint"),
            ("VerifyRollBack", "verify_roll_back"),
        ):
            self._function(
                state,
                module,
                [ask, *read, *self._lock()],
                wildcards=["runs/*"],
                serving=True,
                locks=True,
            )

    def _publish_recommendations(self) -> None:
        self._function(
            "PublishRecommendations",
            "publish_recommendations",
            [self._list("runs/"), self._read("runs/*"), self._write("runs/*/recommendations/*")],
            wildcards=["runs/*", "runs/*/recommendations/*"],
        )

    def _recommend(self) -> None:
        recommend = RecommendFunction(
            self,
            "Recommend",
            code=self._code,
            layer=self._layer,
            functions=self._settings.functions,
            environment=self._environment,
            statements=[
                self._describe_stack("DescribeStacks"),
                self._list("runs/"),
                self._read("runs/*"),
            ],
        )
        self._acknowledge(recommend.policy, ["runs/*"], serving=True)

    def _function(
        self,
        state: str,
        module: str,
        statements: Sequence[iam.PolicyStatement],
        *,
        wildcards: Sequence[str] = (),
        serving: bool = False,
        locks: bool = False,
    ) -> iam.Policy:
        task = TaskFunction(
            self,
            state,
            module=module,
            code=self._code,
            layer=self._layer,
            functions=self._settings.functions,
            environment=self._environment,
            statements=statements,
            timeout=_TIMEOUT,
        )
        self._acknowledge(task.policy, wildcards, serving=serving)
        if locks:
            acknowledge_wildcards(
                task.policy,
                "Which execution has the lock is known only when it runs.",
                resources=[self._execution_arn],
            )
        self.by_state[state] = task.function
        return task.policy

    def _lock(self) -> list[iam.PolicyStatement]:
        """What tasks.rollout.lock needs: its object, and whether its holder still runs."""
        lock = f"{self._bucket_arn}/deployment/lock.json"
        return [
            iam.PolicyStatement(actions=["s3:GetObject", "s3:PutObject"], resources=[lock]),
            self._list("deployment/"),
            iam.PolicyStatement(
                actions=["states:DescribeExecution"], resources=[self._execution_arn]
            ),
        ]

    def _acknowledge(self, policy: iam.Policy, wildcards: Sequence[str], *, serving: bool) -> None:
        acknowledge_wildcards(
            policy,
            "A run's folder is named by its execution, which does not exist yet.",
            resources=[f"{self._bucket_arn}/{path}" for path in wildcards],
        )
        if serving:
            acknowledge_wildcards(
                policy,
                "A stack's ARN ends in an id that its next creation changes.",
                resources=[self._serving_stack_arn],
            )

    def _training_log_arn(self) -> str:
        """All training jobs of the account share the group; a job's streams begin with its name."""
        return Stack.of(self).format_arn(
            service="logs",
            resource="log-group",
            resource_name="/aws/sagemaker/TrainingJobs",
            arn_format=ArnFormat.COLON_RESOURCE_NAME,
        )

    def _read(self, path: str) -> iam.PolicyStatement:
        return iam.PolicyStatement(
            actions=["s3:GetObject"], resources=[f"{self._bucket_arn}/{path}"]
        )

    def _write(self, path: str) -> iam.PolicyStatement:
        return iam.PolicyStatement(
            actions=["s3:PutObject", "s3:AbortMultipartUpload"],
            resources=[f"{self._bucket_arn}/{path}"],
        )

    def _list(self, prefix: str) -> iam.PolicyStatement:
        # Without it, S3 answers 403 for an object that is not there.
        return iam.PolicyStatement(
            actions=["s3:ListBucket"],
            resources=[self._bucket_arn],
            conditions={"StringLike": {"s3:prefix": f"{prefix}*"}},
        )

    def _describe_stack(self, *actions: str) -> iam.PolicyStatement:
        return iam.PolicyStatement(
            actions=[f"cloudformation:{action}" for action in actions],
            resources=[self._serving_stack_arn],
        )

    def _arn(self, service: str, resource: str, name: str) -> str:
        return Stack.of(self).format_arn(
            service=service,
            resource=resource,
            resource_name=name,
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )
