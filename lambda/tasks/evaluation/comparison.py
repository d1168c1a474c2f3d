"""The metrics of several systems on one sample: values, intervals, differences to the model."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal, Self, TypeAlias, cast, get_args

import numpy as np

from fm import bootstrap
from fm.arrays import Float64s
from tasks.run.metric import METRICS
from tasks.run.payloads import ComparisonDocument

System = Literal["model", "live", "ease", "item_knn", "baseline", "bias_only", "constant"]
SYSTEMS: tuple[System, ...] = get_args(System)
Value: TypeAlias = float | None  # None where a metric is not defined, as AUC is not of one class
Interval: TypeAlias = tuple[Value, Value]  # the ends of a 95 % interval


@dataclass(frozen=True)
class Difference:
    """By how much the model is better than another system (for a loss: lower).

    Attributes:
        by: the difference itself.
        low: lower end of the 95 % interval of the paired difference.
        high: upper end.
    """

    by: Value
    low: Value
    high: Value

    @property
    def defined(self) -> bool:
        """Whether difference and interval are numbers."""
        return None not in (self.by, self.low, self.high)


@dataclass(frozen=True)
class SystemMetrics:
    """One system's metrics, by name.

    Attributes:
        values: on the sample itself.
        intervals: of the values.
        differences: of the model to this system; none for the model itself.
    """

    values: Mapping[str, Value]
    intervals: Mapping[str, Interval]
    differences: Mapping[str, Difference]


@dataclass(frozen=True)
class Comparison:
    """The metrics of all systems that were compared on one sample.

    Attributes:
        systems: by the system's name; empty when there was nothing to compare on.
    """

    systems: Mapping[System, SystemMetrics]

    def value(self, system: System, metric: str) -> Value:
        """Return a system's metric, or None if system or metric are not defined on the sample."""
        return self.systems[system].values.get(metric) if system in self.systems else None

    def interval(self, system: System, metric: str) -> Interval | None:
        """Return the interval of a system's metric, or None if there is no such metric."""
        return self.systems[system].intervals.get(metric) if system in self.systems else None

    def difference(self, system: System, metric: str) -> Difference | None:
        """Return the model's difference to another system, or None if there is no such metric."""
        return self.systems[system].differences.get(metric) if system in self.systems else None

    def document(self) -> ComparisonDocument:
        """Return the part of metrics.json that holds this comparison."""
        systems = self.systems
        document: dict[str, object] = {
            **{system: dict(metrics.values) for system, metrics in systems.items()},
            "intervals": {
                system: {name: list(ends) for name, ends in metrics.intervals.items()}
                for system, metrics in systems.items()
            },
            "differences": {
                system: {name: asdict(one) for name, one in metrics.differences.items()}
                for system, metrics in systems.items()
                if system != "model"
            },
        }
        return cast(ComparisonDocument, document if systems else {})

    @classmethod
    def from_document(cls, document: ComparisonDocument) -> Self:
        """Return the comparison that `document` made this part of metrics.json."""
        intervals, differences = document.get("intervals", {}), document.get("differences", {})
        return cls(
            {
                system: SystemMetrics(
                    document[system],
                    {name: (low, high) for name, (low, high) in intervals[system].items()},
                    {name: Difference(**one) for name, one in differences.get(system, {}).items()},
                )
                for system in SYSTEMS
                if system in document
            }
        )


def compare(
    names: Sequence[str], values: Mapping[System, Float64s], replicates: Mapping[System, Float64s]
) -> Comparison:
    """Return the comparison of the system "model" with all others; numbers have six decimals.

    Args:
        names: the metrics.
        values: each system's metrics, in the order of `names`, shape (metrics,).
        replicates: the same of every bootstrap resample, shape (resamples, metrics).
    """
    sign = np.array([METRICS[name].sign for name in names], np.float64)
    return Comparison(
        {
            system: SystemMetrics(
                dict(zip(names, map(_rounded, of_system.tolist()), strict=True)),
                dict(zip(names, _intervals(replicates[system]), strict=True)),
                {}
                if system == "model"
                else _differences(
                    names,
                    sign * (values["model"] - of_system),
                    sign * (replicates["model"] - replicates[system]),
                ),
            )
            for system, of_system in values.items()
        }
    )


def _differences(
    names: Sequence[str], differences: Float64s, replicates: Float64s
) -> dict[str, Difference]:
    rows = zip(names, differences.tolist(), _intervals(replicates), strict=True)
    return {name: Difference(_rounded(by), low, high) for name, by, (low, high) in rows}


def _intervals(replicates: Float64s) -> list[Interval]:
    return [(_rounded(low), _rounded(high)) for low, high in bootstrap.intervals(replicates)]


def _rounded(value: float) -> Value:
    """Round to six decimals; None for what JSON cannot express."""
    return round(value, 6) if math.isfinite(value) else None
