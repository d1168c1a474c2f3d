"""Hyperparameters: the documented defaults, and the family's messages for wrong ones."""

import pytest

from local.fm_container.errors import CustomerError
from local.fm_container.hyperparameters import DEFAULTS, parse

REQUIRED = {"feature_dim": "10", "num_factors": "2", "predictor_type": "regressor"}


def refusal(**given: str) -> str:
    with pytest.raises(CustomerError) as caught:
        parse({**REQUIRED, **given})
    return caught.value.report


def test_the_documented_defaults() -> None:
    found = parse(REQUIRED)
    assert (found.epochs, found.batch_size, found.publish_interval) == (1, 1000, 500)
    assert (found.bias.lr, found.linear.lr, found.factors.lr) == (0.1, 0.001, 0.0001)
    assert (found.bias.wd, found.linear.wd, found.factors.wd) == (0.01, 0.001, 0.00001)
    assert (found.bias.amount, found.linear.amount, found.factors.amount) == (0.01, 0.01, 0.001)
    assert {found.bias.method, found.linear.method, found.factors.method} == {"normal"}
    assert (found.rescale, found.eps, found.clip) == (0.001, 1e-8, 0)


def test_the_logged_default_configuration_keeps_its_types() -> None:
    assert DEFAULTS["epochs"] == 1
    assert all(isinstance(value, str) for name, value in DEFAULTS.items() if name != "epochs")


def test_base_rates_multiply_the_groups() -> None:
    found = parse({**REQUIRED, "_learning_rate": "0.5", "_wd": "2"})
    assert (found.bias.lr, found.factors.wd) == (0.05, 0.00002)


def test_numbers_are_accepted_as_json_numbers_too() -> None:
    assert parse({**REQUIRED, "epochs": 3}).epochs == 3


@pytest.mark.parametrize("group", ["bias", "linear"])
def test_a_group_that_is_not_used_stays_zero(group: str) -> None:
    found = getattr(parse({**REQUIRED, f"use_{group}": "false"}), group)
    assert (found.method, found.amount, found.lr) == ("constant", 0, 0)


def test_a_missing_name() -> None:
    with pytest.raises(CustomerError) as caught:
        parse({"num_factors": "2"})
    assert caught.value.report == (
        "Customer Error: No value(s) were specified for 'feature_dim', 'predictor_type' which are "
        "required hyperparameter(s) (caused by ValidationError)"
    )


def test_unknown_names() -> None:
    assert refusal(epoch="3") == (
        "Customer Error: Additional hyperparameters are not allowed ('epoch' was unexpected) "
        "(caused by ValidationError)"
    )
    assert "('a', 'b' were unexpected)" in refusal(a="1", b="2")


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "ten", "", "1e3"])
def test_a_count_that_is_none(value: str) -> None:
    assert refusal(mini_batch_size=value) == (
        f"Customer Error: The value '{value}' is not valid for the 'mini_batch_size' "
        "hyperparameter which expects one of the following: a string which matches the pattern "
        "'^([1-9][0-9]*)$'; or an integer greater than 1 (caused by ValidationError)"
    )


def test_a_choice_that_is_none() -> None:
    assert refusal(predictor_type="classifier") == (
        "Customer Error: The value 'classifier' is not valid for the 'predictor_type' "
        "hyperparameter which accepts one of the following: 'binary_classifier', 'regressor' "
        "(caused by ValidationError)"
    )


@pytest.mark.parametrize("value", ["nan", "inf", "1e999", "x", "1 ", ""])
def test_a_number_that_is_none(value: str) -> None:
    assert f"'{value}' is not valid for the 'bias_lr'" in refusal(bias_lr=value)


@pytest.mark.parametrize("name", ["bias_lr", "linear_wd", "factors_init_sigma", "bias_init_scale"])
def test_a_negative_number_where_none_may_be(name: str) -> None:
    assert "expects a number greater than 0" in refusal(**{name: "-0.1"})


@pytest.mark.parametrize("name", ["linear_init_value", "clip_gradient", "rescale_grad", "eps"])
def test_a_negative_number_where_it_may_be(name: str) -> None:
    parse({**REQUIRED, name: "-1e-3"})


@pytest.mark.parametrize(("method", "amount"), [("uniform", "scale"), ("constant", "value")])
def test_a_method_without_its_amount(method: str, amount: str) -> None:
    assert f"Hyperparameter 'linear_init_{amount}' is missing." in refusal(
        linear_init_method=method
    )
