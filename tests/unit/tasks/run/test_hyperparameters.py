"""Hyperparameters as the training job gets them."""

import pytest
from pydantic import ValidationError

from tasks.run.hyperparameters import DEFAULTS, Hyperparameters


def _job(hyperparameters: Hyperparameters, *, lab: bool = False) -> dict[str, str]:
    return hyperparameters.for_training_job(
        feature_dim=2625, purpose="classification", predictor_type="binary_classifier", lab=lab
    )


def test_all_are_strings() -> None:
    assert all(isinstance(value, str) for value in _job(Hyperparameters()).values())


def test_what_is_given_wins_over_the_default() -> None:
    job = _job(Hyperparameters(num_factors=8))
    assert job["num_factors"] == "8"
    assert job["epochs"] == str(DEFAULTS["epochs"])


def test_the_lab_has_its_own_defaults_and_no_others() -> None:
    assert _job(Hyperparameters(), lab=True) == {
        "feature_dim": "2625",
        "predictor_type": "binary_classifier",
        "num_factors": "10",
        "epochs": "10",
        "mini_batch_size": "100",
    }


def test_small_rates_are_written_so_that_they_read_back_equal() -> None:
    assert float(_job(Hyperparameters(factors_wd=1e-5))["factors_wd"]) == 1e-5


@pytest.mark.parametrize("name", ["feature_dim", "predictor_type", "learning_rate"])
def test_what_is_not_the_persons_to_say_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match=name):
        Hyperparameters.model_validate({name: 1})
