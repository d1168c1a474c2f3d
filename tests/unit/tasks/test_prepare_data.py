"""What PrepareData tells `data_prep` and the training job."""

from pathlib import Path

import pytest

from data_prep.generate import lab
from data_prep.prepare import prepare
from tasks import execution_input, prepare_data
from tasks.errors import InvalidInputError
from tasks.run import Run


def test_without_a_source_the_interactions_are_the_labs(tmp_path: Path) -> None:
    path = prepare_data.fetch_source(execution_input.parse({}), tmp_path)
    lab(tmp_path / "expected.csv")
    assert path.read_bytes() == (tmp_path / "expected.csv").read_bytes()


def test_everything_that_concerns_the_data_reaches_data_prep() -> None:
    wanted = execution_input.parse(
        {
            "source": {"uri": "s3://bucket/raw/x.csv", "separator": ";", "encoding": "latin-1"},
            "label": {"positive_at_least": 4},
            "split": {"strategy": "time", "test_fraction": 0.1},
            "min_count": 3,
            "duplicates": "last",
            "negatives": {"per_positive": 2},
        }
    )
    settings = prepare_data.prepare_settings(wanted)
    assert (settings.separator, settings.encoding) == (";", "latin-1")
    assert settings.label.positive_at_least == 4
    assert (settings.split.strategy, settings.min_count) == ("time", 3)
    assert settings.duplicates == "last"
    assert settings.negatives is not None
    assert settings.negatives.per_positive == 2


def test_keys_that_do_not_fit_each_other_are_refused() -> None:
    wanted = execution_input.parse(
        {"predictor_type": "regressor", "label": {"positive_at_least": 4}}
    )
    with pytest.raises(InvalidInputError, match="positive_at_least is for"):
        prepare_data.prepare_settings(wanted)


def test_the_training_job_is_told_the_width_of_the_data(tmp_path: Path) -> None:
    wanted = execution_input.parse({})
    source = prepare_data.fetch_source(wanted, tmp_path)
    manifest = prepare([source], tmp_path / "data", prepare_data.prepare_settings(wanted))
    asked = prepare_data.training_request(wanted, Run("bucket", "run"), manifest, "fs")
    assert asked["hyperparameters"]["feature_dim"] == str(manifest.feature_dim)
    assert asked["train_uri"] == "s3://bucket/runs/run/data/train.recordio"
    assert asked["model_uri"] == "s3://bucket/runs/run/model/"
