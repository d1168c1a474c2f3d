"""The execution input: everything optional, everything else refused by name."""

import pytest

from tasks.run import execution_input
from tasks.run.errors import InvalidInputError


def test_every_key_is_optional() -> None:
    settings = execution_input.parse({})
    assert settings.source is None
    assert settings.deploy
    assert settings.gate.must_beat_baseline


def test_an_unknown_key_is_refused_by_name() -> None:
    with pytest.raises(InvalidInputError, match=r"gate\.minimun: no such key"):
        execution_input.parse({"gate": {"minimun": 0.7}})


def test_a_wrong_value_is_refused_with_the_value() -> None:
    with pytest.raises(InvalidInputError, match=r"split\.test_fraction: .*1\.5"):
        execution_input.parse({"split": {"test_fraction": 1.5}})


def test_all_problems_are_named_at_once() -> None:
    with pytest.raises(InvalidInputError, match=r"source\.uri.*deploi"):
        execution_input.parse({"deploi": True, "source": {"uri": "ftp://x/y"}})


@pytest.mark.parametrize("uri", ["s3://bucket", "https://bucket/key", "s3://B/key", ""])
def test_a_source_that_is_not_an_object_in_s3_is_refused(uri: str) -> None:
    with pytest.raises(InvalidInputError, match=r"source\.uri"):
        execution_input.parse({"source": {"uri": uri}})


def test_rolling_back_takes_no_other_key() -> None:
    url = "s3://bucket/runs/r1/model/j/output/model.tar.gz"
    assert execution_input.parse({"model_data_url": url}).model_data_url == url
    with pytest.raises(InvalidInputError, match=r"leave out \['deploy'\]"):
        execution_input.parse({"model_data_url": url, "deploy": False})


def test_an_input_that_is_no_object_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="execution input"):
        execution_input.parse(["s3://bucket/key"])


@pytest.mark.parametrize(
    ("predictor_type", "metric", "choice"),
    [("regressor", "auc", "rmse"), ("binary_classifier", "rmse", "auc")],
)
def test_a_metric_that_the_predictor_type_does_not_have_is_refused_with_those_it_has(
    predictor_type: str, metric: str, choice: str
) -> None:
    expected = f"gate.metric: a {predictor_type} has no {metric}; choose one of {choice}, "
    with pytest.raises(InvalidInputError, match=expected):
        execution_input.parse({"predictor_type": predictor_type, "gate": {"metric": metric}})


@pytest.mark.parametrize(
    ("document", "beginning"),
    [
        ({"gate": {"metric": "rmse"}}, "gate.metric: a binary_classifier has no rmse"),
        ({"model_data_url": "s3://bucket/x", "deploy": True}, "model_data_url deploys a model"),
        (
            {"columns": {"user": "id", "item": "id"}},
            "columns: column 'id'",
        ),
    ],
)
def test_a_rule_is_worded_without_pydantics_prefix(
    document: dict[str, object], beginning: str
) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        execution_input.parse(document)
    assert str(refusal.value).startswith(beginning)


SOURCE = {"uri": "s3://bucket/raw/ratings.csv"}


@pytest.mark.parametrize(
    ("document", "purpose", "predictor_type"),
    [
        ({}, "classification", "binary_classifier"),
        ({"source": SOURCE}, "ranking", "binary_classifier"),
        ({"source": SOURCE, "purpose": None}, "ranking", "binary_classifier"),
        ({"source": SOURCE, "purpose": "classification"}, "classification", "binary_classifier"),
        ({"source": SOURCE, "purpose": "rating"}, "rating", "regressor"),
        ({"source": SOURCE, "predictor_type": "regressor"}, "rating", "regressor"),
        (
            {"source": SOURCE, "predictor_type": "binary_classifier"},
            "classification",
            "binary_classifier",
        ),
        ({"purpose": "ranking"}, "ranking", "binary_classifier"),
    ],
)
def test_the_purpose_follows_from_what_is_given(
    document: dict[str, object], purpose: str, predictor_type: str
) -> None:
    settings = execution_input.parse(document)
    assert (settings.purpose, settings.predictor_type) == (purpose, predictor_type)


def test_a_purpose_that_there_is_not_is_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"^purpose: .*'sorting'"):
        execution_input.parse({"purpose": "sorting"})


def test_a_ranking_may_be_judged_by_its_lists_alone_or_by_its_scores() -> None:
    for metric in ("ndcg@10", "auc"):
        settings = execution_input.parse({"source": SOURCE, "gate": {"metric": metric}})
        assert settings.gate.metric == metric
    with pytest.raises(InvalidInputError, match=r"gate\.metric: .* has no rmse"):
        execution_input.parse({"source": SOURCE, "gate": {"metric": "rmse"}})


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"history": {"most": 0}}, r"history\.most: .*'0'"),
        ({"history": {"longest": 5}}, r"history\.longest: no such key"),
        ({"most_positives": 0}, r"most_positives: .*'0'"),
        ({"split": {"strangers": 0.9}}, r"split\.strangers: .*'0\.9'"),
        ({"negatives": {"by": "uniform", "exponent": 0.5}}, "exponent is for negatives by popu"),
        ({"items": {"id": "movie"}}, r"items\.uri: Field required"),
        ({"evaluation": {"by_times": True}}, r"evaluation\.by_times: no such key"),
        (
            {"evaluation": {"by_time": True}, "purpose": "rating"},
            r"^evaluation\.by_time is for purpose ranking",
        ),
        (
            {"evaluation": {"by_time": True}, "split": {"strategy": "time"}},
            r"^evaluation\.by_time is beside a random split: this one is by time",
        ),
        ({"users": {"uri": "users.csv"}}, r"users\.uri: "),
        ({"users": {"uri": "s3://bucket/raw/u.csv", "title": "t"}}, r"users\.title: no such key"),
    ],
)
def test_keys_of_a_ranking_are_refused_by_name(document: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        execution_input.parse({"source": SOURCE, **document})
