"""The Lambda functions behind the states, and the recommend function."""

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct

from contract import names, states
from stacks import assets, recommend_function
from stacks.lambda_runtime import ARCHITECTURE, RUNTIME
from stacks.recommend_function import RecommendFunction
from stacks.settings import Functions, Settings
from stacks.task_environment import TaskEnvironment
from stacks.task_function import TaskFunction, TaskPackage
from stacks.task_permissions import TaskPermissions


class TaskFunctions(Construct):
    """Makes a function of each handler; `by_state` maps a state's name to its function."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        layer_platform: assets.LayerPlatform,
        bucket: s3.IBucket,
        serving_role_arn: str,
        failure_topic: sns.ITopic,
    ) -> None:
        super().__init__(scope, construct_id)
        self._package = self._make_package(settings.functions, layer_platform)
        self._environment = TaskEnvironment(
            bucket=bucket.bucket_name,
            deployment=settings.name,
            endpoint_name=settings.name,
            failure_topic_arn=failure_topic.topic_arn,
            serving_role_arn=serving_role_arn,
            serving_stack=names.stack_name(settings.name, "serving"),
            training_minutes=settings.training.max_runtime_minutes,
        )
        self._permissions = TaskPermissions(
            self,
            deployment=settings.name,
            bucket=bucket,
            serving_role_arn=serving_role_arn,
            failure_topic_arn=failure_topic.topic_arn,
        )
        self.by_state = self._functions_of_states()
        self._recommend()

    def _make_package(
        self, functions: Functions, layer_platform: assets.LayerPlatform
    ) -> TaskPackage:
        layer = lambda_.LayerVersion(
            self,
            "Dependencies",
            code=lambda_.Code.from_asset(str(assets.dependency_layer(layer_platform))),
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[ARCHITECTURE],
        )
        code = lambda_.Code.from_asset(str(assets.task_code()))
        return TaskPackage(code=code, layer=layer, functions=functions)

    def _functions_of_states(self) -> Mapping[str, lambda_.IFunction]:
        by_module: dict[str, lambda_.IFunction] = {}
        for state, module in states.HANDLERS.items():
            if module not in by_module:
                by_module[module] = self._function(state, module)
        return {state: by_module[module] for state, module in states.HANDLERS.items()}

    def _function(self, state: str, module: str) -> lambda_.IFunction:
        task = TaskFunction(
            self,
            state,
            module=module,
            package=self._package,
            variables=self._environment.variables(module),
            statements=self._permissions.by_module[module],
            timeout=Duration.seconds(states.TASK_TIMEOUT_SECONDS),
        )
        self._permissions.acknowledge(module, task.policy)
        return task.function

    def _recommend(self) -> None:
        module = recommend_function.MODULE
        recommend = RecommendFunction(
            self,
            "Recommend",
            package=self._package,
            variables=self._environment.variables(module),
            statements=self._permissions.by_module[module],
        )
        self._permissions.acknowledge(module, recommend.policy)
