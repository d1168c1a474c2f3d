"""The hyperparameters of Factorization Machines that an execution may set, and our defaults.

Names, types and ranges: https://docs.aws.amazon.com/sagemaker/latest/dg/fact-machines-hyperparameters.html
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from data_prep.settings import PredictorType, Purpose

Count = Annotated[int, Field(ge=1)]
NotNegative = Annotated[float, Field(ge=0)]
InitMethod = Literal["normal", "uniform", "constant"]

# SageMaker's own defaults under-train in few epochs: docs/measurements.md has the comparison.
DEFAULTS: dict[str, int | float | str] = {
    "num_factors": 64,
    "epochs": 20,
    "mini_batch_size": 1000,
    "bias_lr": 0.03,
    "linear_lr": 0.005,
    "linear_wd": 0.00001,
    "factors_lr": 0.001,
    "factors_wd": 0.0001,
    "factors_init_sigma": 0.01,
}
# Chosen for NDCG@10 on a validation part of MovieLens-100K's training rows (docs/measurements.md).
RANKING_DEFAULTS: dict[str, int | float | str] = {
    **DEFAULTS,
    "epochs": 16,
    "factors_lr": 0.002,
    "factors_wd": 0.00003,
}
# What the lab sets; everything else is then SageMaker's default.
LAB_DEFAULTS: dict[str, int | float | str] = {
    "num_factors": 10,
    "epochs": 10,
    "mini_batch_size": 100,
}


class Hyperparameters(BaseModel):
    """What an execution may set; `feature_dim` and `predictor_type` follow from data and input."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    num_factors: Count | None = None
    epochs: Count | None = None
    mini_batch_size: Count | None = None
    clip_gradient: float | None = None
    eps: float | None = None
    rescale_grad: float | None = None
    bias_init_method: InitMethod | None = None
    bias_init_sigma: NotNegative | None = None
    bias_init_scale: NotNegative | None = None
    bias_init_value: float | None = None
    bias_lr: NotNegative | None = None
    bias_wd: NotNegative | None = None
    linear_init_method: InitMethod | None = None
    linear_init_sigma: NotNegative | None = None
    linear_init_scale: NotNegative | None = None
    linear_init_value: float | None = None
    linear_lr: NotNegative | None = None
    linear_wd: NotNegative | None = None
    factors_init_method: InitMethod | None = None
    factors_init_sigma: NotNegative | None = None
    factors_init_scale: NotNegative | None = None
    factors_init_value: float | None = None
    factors_lr: NotNegative | None = None
    factors_wd: NotNegative | None = None

    def for_training_job(
        self, *, feature_dim: int, purpose: Purpose, predictor_type: PredictorType, lab: bool
    ) -> dict[str, str]:
        """Return the `HyperParameters` of CreateTrainingJob: all strings, defaults filled in.

        Args:
            feature_dim: number of columns of the feature rows.
            purpose: what the model is for, which has defaults of its own.
            predictor_type: "binary_classifier" or "regressor".
            lab: whether the data are the lab's, which has defaults of its own.
        """
        chosen = self.chosen(purpose=purpose, lab=lab)
        chosen |= {"feature_dim": feature_dim, "predictor_type": predictor_type}
        return {name: _text(value) for name, value in chosen.items()}

    def chosen(self, *, purpose: Purpose, lab: bool) -> dict[str, int | float | str]:
        """Return what is set, by hand or by our defaults; see `for_training_job`."""
        of_purpose = RANKING_DEFAULTS if purpose == "ranking" else DEFAULTS
        return (LAB_DEFAULTS if lab else of_purpose) | self.model_dump(exclude_none=True)


def _text(value: float | int | str) -> str:
    return format(value, ".12g") if isinstance(value, float) else str(value)
