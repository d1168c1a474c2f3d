"""The definition of the state machine, without its permissions.

PrepareData -> TrainModel (-> PrepareByTime -> TrainByTime) -> EvaluateModel -> GateModel ->
DeployModel -> VerifyEndpoint -> PublishRecommendations.
"""

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from contract import states
from stacks.retries import retry_lock, retry_transient
from stacks.settings import Settings
from stacks.training_state import TrainingJob, training_state


class Definition(Construct):
    """The states; `start` is the first one.

    Args:
        settings: The settings of the deployment.
        functions: The functions by the states of `contract.states.HANDLERS`.
        image_uri: The algorithm's image.
        execution_role_arn: The role of the training job.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        settings: Settings,
        functions: Mapping[str, lambda_.IFunction],
        image_uri: str,
        execution_role_arn: str,
    ) -> None:
        super().__init__(scope, construct_id)
        self._functions = functions
        # The other execution may roll its model out and back.
        self._lock_minutes = 2 * settings.endpoint.roll_out_minutes
        self._failure = self._notify_failure()
        job = TrainingJob(settings.training, image_uri, execution_role_arn)
        train = training_state(self, states.TRAIN_MODEL, job, "$.prepared", "$.trained")
        train.add_catch(self._failure, result_path="$.failure")
        deploy = self._deploy()
        evaluate = self._task("EvaluateModel", "$.evaluation")
        gate = self._task("GateModel", "$.gate")
        wants_deployment = sfn.Choice(self, "WantsDeployment", state_name="WantsDeployment")
        wants_deployment.when(
            sfn.Condition.boolean_equals("$.prepared.deploy", False),
            sfn.Succeed(self, "EvaluatedOnly", state_name="EvaluatedOnly"),
        ).otherwise(deploy)
        new_model = self._task("PrepareData", "$.prepared")
        new_model.next(train).next(self._also_by_time(job, evaluate))
        evaluate.next(gate).next(wants_deployment)
        given_model = sfn.Choice(self, "GivenModel", state_name="GivenModel")
        given_model.when(
            sfn.Condition.and_(
                sfn.Condition.is_present("$.input.model_data_url"),
                sfn.Condition.is_not_null("$.input.model_data_url"),
            ),
            deploy,
        )
        given_model.otherwise(new_model)
        self.start = sfn.Pass(
            self,
            "ReadInput",
            state_name="ReadInput",
            parameters={
                "execution": sfn.JsonPath.string_at("$$.Execution.Name"),
                "execution_arn": sfn.JsonPath.string_at("$$.Execution.Id"),
                "started": sfn.JsonPath.string_at("$$.Execution.StartTime"),
                "input": sfn.JsonPath.object_at("$$.Execution.Input"),
            },
        ).next(given_model)

    def _also_by_time(self, job: TrainingJob, evaluate: sfn.IChainable) -> sfn.Choice:
        """Return the states that make a second model, by time, only for the evaluation.

        It comes after the first one, not beside it: an account may have a quota of one training
        instance. Whatever happens to it, the run goes on, and the report says why it is missing.
        """
        wanted = sfn.Choice(self, "AlsoByTime", state_name="AlsoByTime")
        failed = "$.by_time.failure"
        prepare = self._task("PrepareByTime", "$.by_time", failure=evaluate, failure_path=failed)
        train = training_state(self, states.TRAIN_BY_TIME, job, "$.by_time", "$.by_time.trained")
        train.add_catch(evaluate, result_path=failed)
        prepare.next(train).next(evaluate)
        wanted.when(sfn.Condition.is_null("$.prepared.not_by_time"), prepare).otherwise(evaluate)
        return wanted

    def _task(
        self,
        name: str,
        result_path: str,
        *,
        payload: Mapping[str, str] | None = None,
        failure: sfn.IChainable | None = None,
        failure_path: str = "$.failure",
        only_noticed: str | None = None,
    ) -> tasks.LambdaInvoke:
        """Return a state that invokes its handler with the whole state.

        Args:
            name: The state.
            result_path: Where the handler's result goes in the state.
            payload: What to invoke it with instead: paths into the state by key.
            failure: Where an error leads to; by default to the notice.
            failure_path: Where the error goes in the state.
            only_noticed: An error that leads to the notice even so.
        """
        paths = {key: sfn.JsonPath.object_at(path) for key, path in (payload or {}).items()}
        task = tasks.LambdaInvoke(
            self,
            name,
            state_name=name,
            lambda_function=self._functions[name],
            payload=sfn.TaskInput.from_object(paths) if payload else None,
            payload_response_only=True,
            result_path=result_path,
            task_timeout=sfn.Timeout.duration(Duration.seconds(states.TASK_TIMEOUT_SECONDS)),
            retry_on_service_exceptions=False,
        )
        retry_transient(task)
        if only_noticed is not None:
            task.add_catch(self._failure, errors=[only_noticed], result_path="$.failure")
        task.add_catch(failure or self._failure, result_path=failure_path)
        return task

    def _deploy(self) -> tasks.LambdaInvoke:
        deploy = self._task("DeployModel", "$.deployment")
        retry_lock(deploy, self._lock_minutes)
        wait = self._wait("WaitForDeployment", "$.deployment")
        roll_back = self._roll_back()
        # Whatever else goes wrong, the update may go on: its model must not go live unverified.
        describe = self._task(
            "DescribeDeployment",
            "$.deployment.status",
            failure=roll_back,
            only_noticed=states.DEPLOYMENT_FAILED,
        )
        verify = self._task("VerifyEndpoint", "$.verification", failure=roll_back)
        publish = self._task("PublishRecommendations", "$.recommendations")
        deployed = sfn.Choice(self, "Deployed", state_name="Deployed")
        deployed.when(sfn.Condition.boolean_equals("$.deployment.status.done", True), verify)
        deployed.otherwise(wait)
        verify.next(publish).next(sfn.Succeed(self, "Live", state_name="Live"))
        deploy.next(wait).next(describe).next(deployed)
        return deploy

    def _roll_back(self) -> tasks.LambdaInvoke:
        """Return the states that bring the previous model back; the execution fails anyway."""
        start = self._task("RollBackModel", "$.roll_back")
        retry_lock(start, self._lock_minutes)
        wait = self._wait("WaitForRollBack", "$.roll_back")
        describe = self._task(
            "DescribeRollBack",
            "$.roll_back.status",
            payload={"deployment": "$.roll_back", "failure": "$.failure"},
        )
        verify = self._task("VerifyRollBack", "$.failure")
        verify.next(self._failure)
        rolled_back = sfn.Choice(self, "RolledBack", state_name="RolledBack")
        rolled_back.when(sfn.Condition.boolean_equals("$.roll_back.status.done", True), verify)
        rolled_back.otherwise(wait)
        start.next(wait).next(describe).next(rolled_back)
        return start

    def _wait(self, name: str, deployment: str) -> sfn.Wait:
        seconds = sfn.WaitTime.seconds_path(f"{deployment}.status.wait_seconds")
        return sfn.Wait(self, name, state_name=name, time=seconds)

    def _notify_failure(self) -> tasks.LambdaInvoke:
        notify = tasks.LambdaInvoke(
            self,
            "NotifyFailure",
            state_name="NotifyFailure",
            lambda_function=self._functions["NotifyFailure"],
            payload_response_only=True,
            result_path="$.failure",
            task_timeout=sfn.Timeout.duration(Duration.minutes(1)),
            retry_on_service_exceptions=False,
        )
        retry_transient(notify)
        notify.add_catch(
            sfn.Fail(
                self,
                "FailedWithoutNotice",
                state_name="FailedWithoutNotice",
                error_path="$.failure.Error",
                cause_path="$.failure.Cause",
            ),
            result_path="$.notification",
        )
        notify.next(
            sfn.Fail(
                self,
                "Failed",
                state_name="Failed",
                error_path="$.failure.error",
                cause_path="$.failure.cause",
            )
        )
        return notify
