"""How long a training job takes on an ml.m5.large, about; no AWS."""

import math
from dataclasses import dataclass

# Of MXNet, the real container's engine, with 64 factors: what a row costs whatever it holds (the
# slowest of docs/engine.md), and what each non-zero adds (data_prep.size_plan).
_ROW_SECONDS = 5e-6
_NON_ZERO_SECONDS = 1 / 1.2e6
# The part of that which does not grow with the factors: 0.44 and 0.15 M rows/s with 16 and 64.
_FIXED, _FACTORS = 0.12, 64
_START_SECONDS = 120  # to fetch image and data, and to store the model
_LONGEST_MINUTES = 5 * 24 * 60  # of any training job
_SPARE = 1.25


@dataclass(frozen=True)
class Training:
    """The training job that is to follow a preparation.

    Attributes:
        epochs: passes over the rows.
        factors: `num_factors`.
        minutes: after which the job is stopped.
    """

    epochs: int
    factors: int
    minutes: int

    def problem(self, rows: int, non_zeros: int) -> str | None:
        """Return why the job would be stopped before its end and what would do, or None."""
        epoch = self._epoch_seconds(rows, non_zeros)
        minutes = math.ceil((_START_SECONDS + self.epochs * epoch) / 60)
        if minutes <= self.minutes:
            return None
        fitting = int((60 * self.minutes - _START_SECONDS) / epoch)
        return (
            f"about {rows:,} rows with {non_zeros:,} non-zeros: {self.epochs} epochs with "
            f"{self.factors} factors take about {minutes:,} minutes on an ml.m5.large, and the "
            f"training job is stopped after {self.minutes:,}. {self._remedies(minutes, fitting)}"
        )

    def _epoch_seconds(self, rows: int, non_zeros: int) -> float:
        share = _FIXED + (1 - _FIXED) * self.factors / _FACTORS
        return share * (rows * _ROW_SECONDS + non_zeros * _NON_ZERO_SECONDS)

    def _remedies(self, minutes: int, fitting: int) -> str:
        less = "use fewer rows or fewer factors"
        if fitting > 0:
            less = f"set hyperparameters.epochs to {fitting} or less, or {less}"
        wanted = 10 * math.ceil(_SPARE * minutes / 10)
        if wanted > _LONGEST_MINUTES:
            return f"{less[0].upper()}{less[1:]}"
        return (
            f"Set training.max_runtime_minutes in cdk.json to {wanted} and deploy, which costs "
            f"only the minutes that a job runs; or {less}"
        )
