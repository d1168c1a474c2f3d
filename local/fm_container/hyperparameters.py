"""The hyperparameters: defaults, ranges, and the messages that refuse wrong ones.

Names, ranges and documented defaults: SageMaker developer guide, "Factorization Machines
Hyperparameters". Undocumented defaults: `default-conf.json` as real jobs log it. Messages:
the schema validation that SageMaker's own algorithms share.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fm.model import BINARY, REGRESSOR
from local.fm_container.errors import CustomerError

DEFAULTS: dict[str, Any] = {
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
class Group:
    """How one group of parameters (bias, linear or factors) starts and moves.

    `amount` is the sigma, scale or value that the method needs; `lr` and `wd` are effective.
    """

    method: str
    amount: float
    lr: float
    wd: float


@dataclass(frozen=True)
class Hyperparameters:
    """A job's hyperparameters, typed. `clip` 0 means none; `rescale` multiplies the gradient."""

    feature_dim: int
    num_factors: int
    predictor_type: str
    epochs: int
    batch_size: int
    bias: Group
    linear: Group
    factors: Group
    rescale: float
    eps: float
    clip: float
    publish_interval: int

    @property
    def binary(self) -> bool:
        """Whether the model is a classifier."""
        return self.predictor_type == BINARY


def merge(provided: Mapping[str, Any]) -> dict[str, Any]:
    """The defaults overlaid with what the job provides."""
    return {**DEFAULTS, **provided}


def parse(provided: Mapping[str, Any]) -> Hyperparameters:
    """Check what the job provides (name -> string) and type it; raises CustomerError."""
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
    given = {name: str(value) for name, value in merge(provided).items()}
    for name, value in given.items():
        _check(name, value)
    return _typed(given)


def _typed(given: Mapping[str, str]) -> Hyperparameters:
    batch_size = int(given["mini_batch_size"])
    return Hyperparameters(
        feature_dim=int(given["feature_dim"]),
        num_factors=int(given["num_factors"]),
        predictor_type=given["predictor_type"],
        epochs=int(given["epochs"]),
        batch_size=batch_size,
        bias=_group(given, "bias", given["use_bias"] == "true"),
        linear=_group(given, "linear", given["use_linear"] == "true"),
        factors=_group(given, "factors", used=True),
        rescale=float(given.get("rescale_grad", 1 / batch_size)),
        eps=float(given.get("eps", 1e-8)),
        clip=max(0.0, float(given.get("clip_gradient", 0))),
        publish_interval=int(given["batch_metrics_publish_interval"]),
    )


def _group(given: Mapping[str, str], group: str, used: bool) -> Group:
    if not used:
        return Group("constant", 0.0, 0.0, 0.0)
    method = given[f"{group}_init_method"]
    name = f"{group}_init_{_AMOUNTS[method]}"
    if name not in given:
        raise _refusal(
            f"Hyperparameter '{name}' is missing. Please provide a value for hyperparameter "
            f"'{name}' in the request and try again."
        )
    return Group(
        method,
        float(given[name]),
        float(given["_learning_rate"]) * float(given[f"{group}_lr"]),
        float(given["_wd"]) * float(given[f"{group}_wd"]),
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


def _list(names: Any) -> str:
    return ", ".join(f"'{name}'" for name in names)
