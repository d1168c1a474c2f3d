"""The hyperparameters: defaults, ranges, and the messages for wrong ones.

Names, ranges and documented defaults: SageMaker developer guide, "Factorization Machines
Hyperparameters". Undocumented defaults: `default-conf.json` as real jobs log it. Messages:
the schema validation that SageMaker's own algorithms share.
"""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fm.model import BINARY, REGRESSOR
from local.fm_container.errors import CustomerError

DEFAULTS: dict[str, str | int] = {
    "epochs": 1,
    "mini_batch_size": "1000",
    "use_bias": "true",
    "use_linear": "true",
    "bias_lr": "0.1",
    "linear_lr": "0.001",
    "factors_lr": "0.0001",
    "bias_wd": "0.01",
    "linear_wd": "0.001",
    "factors_wd": "0.00001",
    "bias_init_method": "normal",
    "bias_init_sigma": "0.01",
    "linear_init_method": "normal",
    "linear_init_sigma": "0.01",
    "factors_init_method": "normal",
    "factors_init_sigma": "0.001",
    "batch_metrics_publish_interval": "500",
    "_data_format": "record",
    "_kvstore": "auto",
    "_learning_rate": "1.0",
    "_log_level": "info",
    "_num_gpus": "auto",
    "_num_kv_servers": "auto",
    "_optimizer": "adam",
    "_tuning_objective_metric": "",
    "_use_full_symbolic": "true",
    "_wd": "1.0",
}
REQUIRED = ("feature_dim", "num_factors", "predictor_type")
_INTEGER = r"^([1-9][0-9]*)$"
_NUMBER = r"^[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?$"
_AMOUNTS = {"normal": "sigma", "uniform": "scale", "constant": "value"}
_GROUPS = ("bias", "linear", "factors")

INTEGERS = {
    *("feature_dim", "num_factors", "mini_batch_size", "epochs"),
    "batch_metrics_publish_interval",
}
NUMBERS: dict[str, float] = {  # name -> the least value allowed
    **{f"{group}_{name}": 0.0 for group in _GROUPS for name in ("init_scale", "init_sigma")},
    **{f"{group}_{name}": 0.0 for group in _GROUPS for name in ("lr", "wd")},
    **{f"{group}_init_value": -math.inf for group in _GROUPS},
    **dict.fromkeys(("clip_gradient", "eps", "rescale_grad"), -math.inf),
    **dict.fromkeys(("_learning_rate", "_wd"), 0.0),
}
CHOICES: dict[str, tuple[str, ...]] = {
    "predictor_type": (BINARY, REGRESSOR),
    **{f"{group}_init_method": tuple(_AMOUNTS) for group in _GROUPS},
    **dict.fromkeys(("use_bias", "use_linear", "_use_full_symbolic"), ("true", "false")),
    "_optimizer": ("adam",),
    "_data_format": ("record",),
    "_log_level": ("debug", "info", "warning", "error", "critical"),
}
FREE = {"_kvstore", "_num_gpus", "_num_kv_servers", "_tuning_objective_metric"}
KNOWN = {*INTEGERS, *NUMBERS, *CHOICES, *FREE}


@dataclass(frozen=True)
class ParameterGroup:
    """How one group of parameters (bias, linear or factors) starts and moves.

    Attributes:
        method: "normal", "uniform" or "constant".
        amount: The sigma, scale or value of the method.
        lr: Learning rate, times the base rate.
        wd: Weight decay, times the base decay.
    """

    method: str
    amount: float
    lr: float
    wd: float


@dataclass(frozen=True)
class Hyperparameters:
    """A job's hyperparameters, typed.

    Attributes:
        batch_size: `mini_batch_size`.
        rescale: `rescale_grad`, by which every gradient is multiplied.
        clip: `clip_gradient`, the largest absolute gradient; 0 means none.
        publish_interval: `batch_metrics_publish_interval`, in batches.
    """

    feature_dim: int
    num_factors: int
    predictor_type: str
    epochs: int
    batch_size: int
    bias: ParameterGroup
    linear: ParameterGroup
    factors: ParameterGroup
    rescale: float
    eps: float
    clip: float
    publish_interval: int

    @property
    def binary(self) -> bool:
        """Whether the model is a classifier."""
        return self.predictor_type == BINARY


def merge(provided: Mapping[str, object]) -> dict[str, object]:
    """Return the defaults, overlaid with what the job provides."""
    return {**DEFAULTS, **provided}


def parse(provided: Mapping[str, object]) -> Hyperparameters:
    """Check and type the hyperparameters that a job provides.

    Args:
        provided: Name -> value, a string or a JSON number.

    Raises:
        CustomerError: A name is unknown or missing, or a value is wrong.
    """
    unknown = [name for name in provided if name not in KNOWN]
    if unknown:
        verb = "was" if len(unknown) == 1 else "were"
        raise _refusal(
            f"Additional hyperparameters are not allowed ({_list(unknown)} {verb} unexpected)"
        )
    missing = [name for name in REQUIRED if name not in provided]
    if missing:
        raise _refusal(
            f"No value(s) were specified for {_list(missing)} which are required hyperparameter(s)"
        )
    values = {name: str(value) for name, value in merge(provided).items()}
    for name, value in values.items():
        _check(name, value)
    return _typed(values)


def _typed(values: Mapping[str, str]) -> Hyperparameters:
    batch_size = int(values["mini_batch_size"])
    return Hyperparameters(
        feature_dim=int(values["feature_dim"]),
        num_factors=int(values["num_factors"]),
        predictor_type=values["predictor_type"],
        epochs=int(values["epochs"]),
        batch_size=batch_size,
        bias=_group(values, "bias", values["use_bias"] == "true"),
        linear=_group(values, "linear", values["use_linear"] == "true"),
        factors=_group(values, "factors", used=True),
        rescale=float(values.get("rescale_grad", 1 / batch_size)),
        eps=float(values.get("eps", 1e-8)),
        clip=max(0.0, float(values.get("clip_gradient", 0))),
        publish_interval=int(values["batch_metrics_publish_interval"]),
    )


def _group(values: Mapping[str, str], group: str, used: bool) -> ParameterGroup:
    if not used:
        return ParameterGroup("constant", 0.0, 0.0, 0.0)
    method = values[f"{group}_init_method"]
    name = f"{group}_init_{_AMOUNTS[method]}"
    if name not in values:
        raise _refusal(
            f"Hyperparameter '{name}' is missing. Please provide a value for hyperparameter "
            f"'{name}' in the request and try again."
        )
    return ParameterGroup(
        method,
        float(values[name]),
        float(values["_learning_rate"]) * float(values[f"{group}_lr"]),
        float(values["_wd"]) * float(values[f"{group}_wd"]),
    )


def _check(name: str, value: str) -> None:
    if name in INTEGERS and not re.match(_INTEGER, value):
        raise _expects(
            name,
            value,
            f"one of the following: a string which matches the pattern '{_INTEGER}'; "
            "or an integer greater than 1",
        )
    if name in CHOICES and value not in CHOICES[name]:
        raise _refusal(
            f"The value '{value}' is not valid for the '{name}' hyperparameter which accepts one "
            f"of the following: {_list(CHOICES[name])}"
        )
    if name in NUMBERS:
        least = NUMBERS[name]
        if not re.match(_NUMBER, value) or not math.isfinite(float(value)):
            raise _expects(name, value, "a number")
        if float(value) < least:
            raise _expects(name, value, f"a number greater than {least:g}")


def _expects(name: str, value: str, what: str) -> CustomerError:
    return _refusal(
        f"The value '{value}' is not valid for the '{name}' hyperparameter which expects {what}"
    )


def _refusal(message: str) -> CustomerError:
    return CustomerError(message, caused_by="ValidationError")


def _list(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
