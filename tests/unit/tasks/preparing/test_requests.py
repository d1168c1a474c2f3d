"""What the execution input means for `data_prep` and the training job."""

from pathlib import Path

import pytest

from data_prep.preparation import prepare
from tasks.preparing.preparation import find_sources
from tasks.preparing.requests import prepare_settings, training_request
from tasks.run import execution_input
from tasks.run.errors import InvalidInputError
from tasks.run.run_paths import Run


def test_everything_that_concerns_the_data_reaches_data_prep() -> None:
    settings = prepare_settings(
        execution_input.parse(
            {
                "source": {"uri": "s3://bucket/raw/x.csv", "separator": ";", "encoding": "latin-1"},
                "label": {"positive_at_least": 4},
                "split": {"strategy": "time", "test_fraction": 0.1},
                "min_count": 3,
                "duplicates": "last",
                "negatives": {"per_positive": 2},
            }
        )
    )
    assert (settings.separator, settings.encoding) == (";", "latin-1")
    assert settings.label.positive_at_least == 4
    assert (settings.split.strategy, settings.min_count) == ("time", 3)
    assert settings.duplicates == "last"
    assert settings.negatives is not None
    assert settings.negatives.per_positive == 2


def test_keys_that_contradict_each_other_are_refused_without_pydantics_prefix() -> None:
    contradiction = execution_input.parse(
        {"predictor_type": "regressor", "label": {"positive_at_least": 4}}
    )
    with pytest.raises(InvalidInputError, match=r"^label\.positive_at_least "):
        prepare_settings(contradiction)


def test_the_training_job_gets_the_width_of_the_data(tmp_path: Path) -> None:
    settings = execution_input.parse({})
    sources = find_sources(settings.source, tmp_path)
    manifest = prepare(sources, tmp_path / "data", prepare_settings(settings))
    request = training_request(settings, Run("bucket", "run"), manifest, "fs")
    assert request["hyperparameters"]["feature_dim"] == str(manifest.feature_dim)
    assert request["train_uri"] == "s3://bucket/runs/run/data/train.recordio"
    assert request["model_uri"] == "s3://bucket/runs/run/model/"
