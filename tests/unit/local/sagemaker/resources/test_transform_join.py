"""Which part of a record is sent, and what its answer is joined with."""

import json
from typing import Any

import pytest

from local.sagemaker.resources.transform_join import (
    JSON,
    JSON_LINES,
    JsonPath,
    PathError,
    Processing,
)
from local.sagemaker.resources.transform_split import SplitError

RECORD = {"id": 1, "data": {"x": [10, 20, 30]}}


@pytest.mark.parametrize(
    ("path", "selected"),
    [
        ("$", RECORD),
        ("$.data.x", [10, 20, 30]),
        ("$['id']", 1),
        ("$['id','data']", RECORD),
        ("$.data.x[0]", 10),
        ("$.data.x[-1]", 30),
        ("$.data.x[0,2]", [10, 30]),
        ("$.data.x[1:]", [20, 30]),
        ("$.data.x[0,1:]", [10, 20, 30]),
        ("$.data.*", [[10, 20, 30]]),
    ],
)
def test_path_selects(path: str, selected: Any) -> None:
    assert JsonPath.parse(path).select(RECORD) == selected


@pytest.mark.parametrize("path", ["id", "$..id", "$.", "$[", "$[a]", "$.data[?(@.x)]"])
def test_text_that_is_not_a_path_is_refused(path: str) -> None:
    with pytest.raises(PathError, match="is not a JSONPath"):
        JsonPath.parse(path)


@pytest.mark.parametrize("path", ["$.none", "$.data.x[3]", "$.id.more", "$.data[0]"])
def test_record_without_the_part_is_refused(path: str) -> None:
    with pytest.raises(SplitError, match="a record has no"):
        JsonPath.parse(path).select(RECORD)


def test_lines_are_filtered_joined_and_filtered_again() -> None:
    payload = b'{"id":1,"x":[1]}\n{"id":2,"x":[2]}\n'
    settings = {
        "InputFilter": "$.x",
        "JoinSource": "Input",
        "OutputFilter": "$['id','SageMakerOutput']",
    }
    processing = Processing.of_job(settings, JSON_LINES)
    assert processing.request(payload) == b"[1]\n[2]\n"
    assert processing.answer(payload, b"0.5\n0.25\n").splitlines() == [
        b'{"id":1,"SageMakerOutput":0.5}',
        b'{"id":2,"SageMakerOutput":0.25}',
    ]


def test_record_that_is_not_an_object_is_joined_as_a_member() -> None:
    processing = Processing.of_job({"JoinSource": "Input"}, JSON)
    joined = json.loads(processing.answer(b"[1,2]", b'{"score":1}'))
    assert joined == {"SageMakerInput": [1, 2], "SageMakerOutput": {"score": 1}}


def test_answers_that_do_not_match_the_records_are_refused() -> None:
    processing = Processing.of_job({"JoinSource": "Input"}, JSON_LINES)
    with pytest.raises(SplitError, match="1 answers cannot be joined with 2 records"):
        processing.answer(b"1\n2\n", b"1\n")
