"""Lists are filtered, ordered and cut into pages, the same for every operation."""

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.ministack.adapter import Caller
from local.sagemaker.core import paging
from local.sagemaker.core.errors import ServiceError
from local.sagemaker.core.operation import Call
from local.sagemaker.core.region import Region
from local.sagemaker.resources.models import Model


def call(**request: Any) -> Call:
    """Return a list call over three models, created at intervals of a minute."""
    region = Region("000000000000", "us-east-1")
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    for minute, name in enumerate(("bravo", "alpha", "charlie")):
        time = start + datetime.timedelta(minutes=minute)
        region.add(Model(region, {"ModelName": name, "CreationTime": time}))
    return Call(region, Caller("test", "000000000000", "us-east-1"), request)


def names(**request: Any) -> list[str]:
    """Return the names on the page of a list call."""
    page = paging.list_resources(call(**request), Model, "Models")
    return [model["ModelName"] for model in page["Models"]]


def test_newest_is_first_by_default() -> None:
    assert names() == ["charlie", "alpha", "bravo"]
    assert names(SortOrder="Ascending") == ["bravo", "alpha", "charlie"]
    assert names(SortBy="Name", SortOrder="Ascending") == ["alpha", "bravo", "charlie"]


def test_filters_select_by_name_and_time() -> None:
    assert names(NameContains="A", SortBy="Name", SortOrder="Ascending") == [
        "alpha",
        "bravo",
        "charlie",
    ]
    assert names(NameContains="ALPH") == ["alpha"]
    first = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    assert names(CreationTimeAfter=first) == ["charlie", "alpha"]


@given(st.lists(st.integers()), st.integers(1, 7))
def test_pages_hold_every_item_once_and_in_order(items: list[int], size: int) -> None:
    seen: list[int] = []
    request: dict[str, Any] = {"MaxResults": size}
    while True:
        page, token = paging.slice_page(items, request)
        seen += page
        if token is None:
            break
        assert len(page) == size
        request["NextToken"] = token
    assert seen == items


@pytest.mark.parametrize("token", ["x", "bm90aGluZw==", "YWZ0ZXI6eA=="])
def test_foreign_token_is_refused(token: str) -> None:
    with pytest.raises(ServiceError, match="Invalid pagination token"):
        paging.slice_page([1], {"NextToken": token})
