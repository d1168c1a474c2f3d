"""What the execution input means for `data_prep` and the training job."""

import pytest

from data_prep.column_settings import Feature, ItemTable, Table
from data_prep.manifest import Manifest
from data_prep.preparation import prepare
from data_prep.settings import History, Negatives, PrepareSettings, Split
from data_prep.synthetic import PlantedChoices
from tasks.preparing.preparation import find_sources
from tasks.preparing.requests import (
    input_by_time,
    prepare_settings,
    training_request,
    training_to_come,
    why_not_by_time,
)
from tasks.preparing.training_time import Training
from tasks.run import execution_input
from tasks.run.errors import InvalidInputError
from tasks.run.run_paths import Run

SOURCE = {"uri": "s3://bucket/raw/x.csv"}


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


def test_everything_that_concerns_a_ranking_reaches_data_prep() -> None:
    settings = prepare_settings(
        execution_input.parse(
            {
                "source": SOURCE,
                "split": {"strangers": 0.25},
                "negatives": {"by": "popularity", "exponent": 0.5},
                "history": {"most": 7},
                "most_positives": 40,
                "items": {"uri": "s3://bucket/raw/m.csv", "title": "name", "features": ["year"]},
                "users": {"uri": "s3://bucket/raw/u.csv", "id": "member"},
            }
        )
    )
    assert settings == PrepareSettings(
        purpose="ranking",
        split=Split(strangers=0.25),
        negatives=Negatives(by="popularity", exponent=0.5),
        history=History(most=7),
        most_positives=40,
        items=ItemTable(title="name", features=(Feature(name="year"),)),
        users=Table(id="member"),
    )


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"purpose": "ranking", "predictor_type": "regressor"}, "^purpose ranking does not go"),
        ({"purpose": "rating", "predictor_type": "binary_classifier"}, "^purpose rating does not"),
        ({"purpose": "rating", "history": {}}, "^history is for purpose ranking"),
        ({"purpose": "rating", "negatives": {}}, "^negatives are for"),
        ({"purpose": "classification", "most_positives": 9}, "^most_positives is for"),
        ({"purpose": "classification", "split": {"strangers": 0.1}}, r"^split\.strangers is for"),
        ({"predictor_type": "binary_classifier", "history": {}}, "^history is for purpose"),
        ({"label": {"positive_at_least": 4}, "purpose": "rating"}, r"^label\.positive_at_least "),
    ],
)
def test_what_contradicts_the_purpose_is_refused_by_name(
    document: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        prepare_settings(execution_input.parse({"source": SOURCE, **document}))


def test_keys_that_contradict_each_other_are_refused_without_pydantics_prefix() -> None:
    contradiction = execution_input.parse(
        {"predictor_type": "regressor", "label": {"positive_at_least": 4}}
    )
    with pytest.raises(InvalidInputError, match=r"^label\.positive_at_least "):
        prepare_settings(contradiction)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """The manifest of the lab's interactions."""
    folder = tmp_path_factory.mktemp("lab")
    settings = execution_input.parse({})
    sources = find_sources(settings.source, folder)
    return prepare(sources, folder / "data", prepare_settings(settings))


def test_the_training_job_gets_the_width_of_the_data(prepared: Manifest) -> None:
    settings = execution_input.parse({})
    request = training_request(settings, Run("bucket", "run"), prepared, "fs")
    assert request["hyperparameters"]["feature_dim"] == str(prepared.feature_dim)
    assert request["train_uri"] == "s3://bucket/runs/run/data/train.recordio"
    assert request["model_uri"] == "s3://bucket/runs/run/model/"


def test_a_ranking_is_trained_with_its_own_defaults(prepared: Manifest) -> None:
    ranking = execution_input.parse({"source": SOURCE})
    request = training_request(ranking, Run("bucket", "run"), prepared, "fs")
    assert request["hyperparameters"]["epochs"] == "16"
    assert request["hyperparameters"]["predictor_type"] == "binary_classifier"


@pytest.fixture(scope="module")
def ranked(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    """The manifest of choices with timestamps, prepared for ranking."""
    folder = tmp_path_factory.mktemp("choices")
    PlantedChoices(users=120, items=40, interactions=2000).write(folder / "choices.csv")
    settings = prepare_settings(execution_input.parse({"source": SOURCE}))
    return prepare([folder / "choices.csv"], folder / "data", settings)


@pytest.mark.parametrize(
    ("given", "reason"),
    [({}, None), ({"evaluation": {"by_time": False}}, "evaluation.by_time is false")],
)
def test_a_second_model_is_trained_by_time_unless_it_is_not_wanted(
    ranked: Manifest, given: dict[str, object], reason: str | None
) -> None:
    settings = execution_input.parse({"source": SOURCE, **given})
    assert why_not_by_time(settings, ranked) == reason


@pytest.mark.parametrize(("by_time", "trained"), [(None, False), (True, True)])
def test_of_large_data_a_second_model_must_be_asked_for(
    ranked: Manifest, by_time: bool | None, trained: bool
) -> None:
    large = ranked.model_copy(update={"non_zeros": 10**8})
    settings = execution_input.parse({"source": SOURCE, "evaluation": {"by_time": by_time}})
    assert (why_not_by_time(settings, large) is None) == trained


def test_a_classification_has_no_second_model(prepared: Manifest) -> None:
    reason = why_not_by_time(execution_input.parse({}), prepared)
    assert reason == "lists are judged by time, of a model for ranking"


def test_the_second_model_differs_by_its_split_alone(ranked: Manifest) -> None:
    first = execution_input.parse({"source": SOURCE, "split": {"test_fraction": 0.3, "seed": 7}})
    second = prepare_settings(input_by_time(first, ranked))
    assert second.split == Split(strategy="time", test_fraction=0.3, strangers=0, seed=7)
    assert (second.negatives, second.history) == (ranked.negatives, ranked.history)
    others = {"split", "negatives", "history"}
    assert second.model_dump(exclude=others) == prepare_settings(first).model_dump(exclude=others)


def test_the_second_training_job_has_data_and_a_name_of_its_own(ranked: Manifest) -> None:
    run, settings = Run("bucket", "run"), execution_input.parse({"source": SOURCE})
    first, second = (
        training_request(settings, each, ranked, "fs") for each in (run, run.by_time())
    )
    assert second["hyperparameters"] == first["hyperparameters"]
    assert second["train_uri"] == "s3://bucket/runs/run/by-time/data/train.recordio"
    assert second["model_uri"] == "s3://bucket/runs/run/by-time/model/"
    assert second["job_name_prefix"] == f"{first['job_name_prefix']}-by-time"


def test_the_length_of_the_training_job_follows_from_its_hyperparameters() -> None:
    given = execution_input.parse({"source": SOURCE, "hyperparameters": {"num_factors": 8}})
    assert training_to_come(given, 90) == Training(epochs=16, factors=8, minutes=90)
    assert training_to_come(execution_input.parse({}), 90) == Training(10, 10, 90)
