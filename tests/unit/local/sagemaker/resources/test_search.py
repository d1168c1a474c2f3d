"""Search finds training jobs by properties of every type, and refuses what it cannot compare."""

import datetime
from typing import Any

import pytest

from local.ministack.adapter import Caller
from local.sagemaker.core.errors import ServiceError
from local.sagemaker.core.operation import Call
from local.sagemaker.core.region import Region
from local.sagemaker.resources import search
from local.sagemaker.resources.training_run import TrainingJob

JOBS = {"small": ("2", 0.9, 9), "large": ("10", 0.7, 10), "untried": (None, None, None)}


def search_names(**request: Any) -> list[str]:
    """Return the names of the jobs that a search finds, in its order."""
    region = Region("000000000000", "us-east-1")
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    for minute, (name, (epochs, loss, seconds)) in enumerate(JOBS.items()):
        arn = region.arn("training-job", name)
        job = {
            "TrainingJobName": name,
            "TrainingJobArn": arn,
            "LastModifiedTime": start + datetime.timedelta(minutes=minute),
            "EnableManagedSpotTraining": name == "small",
            "InputDataConfig": [{"ChannelName": "train"}, {"ChannelName": name}],
        }
        if epochs:
            job["HyperParameters"] = {"epochs": epochs}
            job["FinalMetricDataList"] = [{"MetricName": "test:rmse", "Value": loss}]
            job["TrainingTimeInSeconds"] = seconds
        region.add(TrainingJob(region, job))
        region.tags[arn] = {"team.name": name}
    call = Call(region, Caller("test", "", ""), {"Resource": "TrainingJob", **request})
    results = search.OPERATIONS["Search"].run(call)["Results"]
    return [result["TrainingJob"]["TrainingJobName"] for result in results]


def by(name: str, operator: str, value: str | None = None) -> list[str]:
    """Return the names of the jobs that one filter selects, in alphabetical order."""
    one = {"Name": name, "Operator": operator} | ({"Value": value} if value else {})
    return sorted(search_names(SearchExpression={"Filters": [one]}))


@pytest.mark.parametrize(
    ("name", "operator", "value", "expected"),
    [
        ("Metrics.test:rmse", "LessThan", "0.8", ["large"]),
        ("HyperParameters.epochs", "GreaterThan", "9", ["large"]),
        ("HyperParameters.epochs", "LessThan", "2.5", ["small"]),
        ("HyperParameters.epochs", "NotEquals", "2", ["large", "untried"]),
        ("TrainingTimeInSeconds", "GreaterThanOrEqualTo", "10", ["large"]),
        ("EnableManagedSpotTraining", "Equals", "true", ["small"]),
        ("Tags.team.name", "Equals", "small", ["small"]),
        ("TrainingJobName", "Contains", "a", ["large", "small"]),
        ("TrainingJobName", "In", "small, untried", ["small", "untried"]),
        ("LastModifiedTime", "GreaterThan", "2026-01-01T00:00:30", ["large", "untried"]),
        ("TrainingTimeInSeconds", "NotExists", None, ["untried"]),
    ],
)
def test_filter_selects(name: str, operator: str, value: str, expected: list[str]) -> None:
    assert by(name, operator, value) == expected


def test_numbers_are_sorted_as_numbers_and_jobs_without_one_come_last() -> None:
    assert search_names(SortBy="TrainingTimeInSeconds") == ["large", "small", "untried"]
    assert search_names(SortBy="Metrics.test:rmse") == ["small", "large", "untried"]


def test_nested_filter_needs_one_item_that_satisfies_all_conditions() -> None:
    def nested(*names: str) -> list[str]:
        filters = [{"Name": "InputDataConfig.ChannelName", "Value": name} for name in names]
        one = {"NestedPropertyName": "InputDataConfig", "Filters": filters}
        return search_names(SearchExpression={"NestedFilters": [one]})

    assert nested("large") == ["large"]
    assert nested("large", "train") == []


def test_sub_expressions_are_joined_by_the_operator() -> None:
    parts = [{"Filters": [{"Name": "TrainingJobName", "Value": name}]} for name in JOBS]
    assert search_names(SearchExpression={"Operator": "And", "SubExpressions": parts}) == []
    assert len(search_names(SearchExpression={"Operator": "Or", "SubExpressions": parts})) == 3


@pytest.mark.parametrize(
    ("name", "operator", "value", "message"),
    [
        ("Nonsense", "Equals", "1", "Unknown property name: Nonsense"),
        ("ResourceConfig.Nonsense", "Exists", None, "Unknown property name: ResourceConfig.Non"),
        ("TrainingJobName", "GreaterThan", "a", "not supported for the text property"),
        ("TrainingTimeInSeconds", "Contains", "1", "not supported for the numerical property"),
        ("TrainingTimeInSeconds", "Equals", "long", "cannot be compared"),
        ("TrainingJobName", "Equals", None, "needs a value"),
    ],
)
def test_filter_that_cannot_be_is_refused(
    name: str, operator: str, value: str | None, message: str
) -> None:
    with pytest.raises(ServiceError, match=message) as caught:
        by(name, operator, value)
    assert caught.value.code == "ValidationException"


def test_expression_without_a_condition_is_refused() -> None:
    with pytest.raises(ServiceError, match="needs a filter"):
        search_names(SearchExpression={"Operator": "Or"})
