"""Hyperparameters as the training job gets them."""

import pytest
from pydantic import ValidationError

from data_prep.settings import Purpose
from tasks.run.hyperparameters import DEFAULTS, Hyperparameters


def _job(
    hyperparameters: Hyperparameters, *, purpose: Purpose = "classification", lab: bool = False
) -> dict[str, str]:
    return hyperparameters.for_training_job(
        feature_dim=2625, purpose=purpose, predictor_type="binary_classifier", lab=lab
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


def test_a_ranking_has_the_defaults_that_were_measured_for_it() -> None:
    assert _job(Hyperparameters(), purpose="ranking") == {
        "feature_dim": "2625",
        "predictor_type": "binary_classifier",
        "num_factors": "64",
        "epochs": "16",
        "mini_batch_size": "1000",
        "bias_lr": "0.03",
        "linear_lr": "0.005",
        "linear_wd": "1e-05",
        "factors_lr": "0.002",
        "factors_wd": "3e-05",
        "factors_init_sigma": "0.01",
    }


def test_scores_are_trained_as_before() -> None:
    classification = _job(Hyperparameters(), purpose="classification")
    assert classification == _job(Hyperparameters(), purpose="rating")
    assert (classification["epochs"], classification["factors_wd"]) == ("20", "0.0001")


def test_what_is_given_wins_over_the_default_of_a_ranking() -> None:
    assert _job(Hyperparameters(epochs=3), purpose="ranking")["epochs"] == "3"
