"""The rule by which a model may be deployed; numbers only, no AWS."""

from collections.abc import Mapping
from typing import Any

from tasks.errors import InvalidInputError, ModelRejected
from tasks.execution_input import Gate

_LOWER_IS_BETTER = {"log_loss", "rmse", "mae"}
_DEFAULT_METRIC = {"binary_classifier": "auc", "regressor": "rmse"}


def decide(gate: Gate, evaluation: Mapping[str, Any]) -> dict[str, Any]:
    """Return the numbers that let the model pass.

    `minimum` is the worst value accepted: for `log_loss`, `rmse` and `mae` the largest one.

    Raises:
        ModelRejected: the model is worse than the gate asks; the message holds the numbers.
        InvalidInputError: the metric is not one of this predictor type.
    """
    metric = gate.metric or _DEFAULT_METRIC[evaluation["predictor_type"]]
    if metric not in evaluation["model"]:
        raise InvalidInputError(
            f"gate.metric: a {evaluation['predictor_type']} has no {metric}; "
            f"choose one of {', '.join(evaluation['model'])}"
        )
    model, baseline = evaluation["model"][metric], evaluation["baseline"][metric]
    sign = -1 if metric in _LOWER_IS_BETTER else 1
    reasons = []
    # Each comparison is one that nan, which compares with nothing, does not pass.
    if gate.minimum is not None and not sign * model >= sign * gate.minimum:
        reasons.append(f"the gate asks for {gate.minimum:g}")
    if gate.must_beat_baseline and not sign * model > sign * baseline:
        reasons.append(f"the popularity baseline reaches {baseline:.4f}")
    if reasons:
        raise ModelRejected(
            f"{metric} on {evaluation['rows']} held-out rows is {model:.4f}, but "
            f"{' and '.join(reasons)}; nothing was deployed"
        )
    return {"metric": metric, "model": model, "baseline": baseline, "minimum": gate.minimum}
