"""The settings of the endpoint: instances or serverless, scaling, how a new model takes over."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

InstanceType = Annotated[str, Field(pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9]+$")]
_LONGEST_ROLL_OUT_MINUTES = 8 * 60
_NEW_FLEET_MINUTES = 60  # to start and to be verified; usually some ten
Percent = Annotated[int, Field(ge=1, le=50)]


class SettingsModel(BaseModel):
    """A section of the settings, which refuses keys that it does not have."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Serverless(SettingsModel):
    """Capacity per request instead of instances; costs nothing while there are no requests."""

    memory_mib: Literal[1024, 2048, 3072, 4096, 5120, 6144] = 2048
    max_concurrency: Annotated[int, Field(ge=1, le=200)] = 5


class Autoscaling(SettingsModel):
    """As many instances as keep each at the target of invocations."""

    minimum: Annotated[int, Field(ge=1, le=100)] = 1
    maximum: Annotated[int, Field(ge=1, le=100)] = 4
    invocations_per_instance_per_minute: Annotated[int, Field(ge=1)] = 6000

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.maximum < self.minimum:
            raise ValueError(f"maximum {self.maximum} is less than minimum {self.minimum}")
        return self


class BlueGreen(SettingsModel):
    """A new model gets a new fleet, and traffic step by step while alarms watch it.

    `wait_minutes` pass after each step. Too many errors (5XX responses per minute) or too high a
    latency (99th percentile, in ms) bring all traffic back to the old fleet.
    """

    steps: Literal["canary", "linear", "all_at_once"] = "canary"
    step_percent: Percent = 50
    wait_minutes: Annotated[int, Field(ge=1, le=60)] = 5
    most_errors_per_minute: Annotated[int, Field(ge=1)] = 5
    slowest_milliseconds: Annotated[int, Field(ge=1)] = 1000

    @model_validator(mode="after")
    def _sagemaker_takes_it(self) -> Self:
        # CreateEndpoint's TrafficRoutingConfig and MaximumExecutionTimeoutInSeconds
        if self.steps == "linear":
            if self.step_percent < 10:
                raise ValueError(f"linear needs step_percent 10 to 50, not {self.step_percent}")
            if self.minutes >= _LONGEST_ROLL_OUT_MINUTES:
                raise ValueError(
                    f"{self._waits} steps with wait_minutes {self.wait_minutes} "
                    "take 8 hours or more"
                )
        return self

    @property
    def _waits(self) -> int:
        """How many steps there are, each followed by a wait."""
        linear = -(-100 // self.step_percent)
        return {"canary": 2, "linear": linear, "all_at_once": 1}[self.steps]

    @property
    def minutes(self) -> int:
        """How long traffic takes to move to the new fleet."""
        return self._waits * self.wait_minutes


class Endpoint(SettingsModel):
    """What is behind the endpoint: instances, unless `serverless` is set."""

    instance_type: InstanceType = "ml.t2.medium"
    instance_count: Annotated[int, Field(ge=1, le=100)] = 1
    serverless: Serverless | None = None
    autoscaling: Autoscaling | None = None
    blue_green: BlueGreen | None = None

    @property
    def roll_out_minutes(self) -> int:
        """How long a new model takes at the longest to be live and verified."""
        return _NEW_FLEET_MINUTES + (self.blue_green.minutes if self.blue_green else 0)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.serverless is not None:
            others = sorted(self.model_fields_set - {"serverless"})
            if any(getattr(self, name) is not None for name in others):
                raise ValueError(f"serverless has no instances: leave out {', '.join(others)}")
        if self.autoscaling is not None:
            self._can_scale(self.autoscaling)
        if self.blue_green is not None and self.blue_green.steps != "all_at_once":
            self._has_steps()
        return self

    def _has_steps(self) -> None:
        least, key = self.instance_count, "instance_count"
        if self.autoscaling is not None:
            least, key = self.autoscaling.minimum, "autoscaling.minimum"
        if least < 2:
            raise ValueError(
                f"blue_green moves traffic in steps, which needs {key} 2 or more, or all_at_once"
            )

    def _can_scale(self, autoscaling: Autoscaling) -> None:
        # https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-prerequisites.html
        if self.instance_type.startswith(("ml.t2.", "ml.t3.")):
            raise ValueError(
                f"{self.instance_type} is burstable, which cannot be scaled: choose ml.m5.large"
            )
        if not autoscaling.minimum <= self.instance_count <= autoscaling.maximum:
            raise ValueError(
                f"instance_count {self.instance_count} is outside autoscaling's "
                f"{autoscaling.minimum} to {autoscaling.maximum}"
            )
