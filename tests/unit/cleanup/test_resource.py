"""The custom resource is polled until nothing remains, and says what remains when it gives up."""

import json
import time
from typing import Literal

import pytest

from cleanup import resource
from cleanup.resource import Event, StillThereError

Properties = dict[str, str]
DELETE: Event[Properties] = {"RequestType": "Delete", "ResourceProperties": {}}


def delete(deadline: float) -> Event[Properties]:
    return {"RequestType": "Delete", "ResourceProperties": {"Name": "mine"}, "Deadline": deadline}


def test_it_is_complete_when_nothing_remains() -> None:
    assert resource.progress(delete(0), lambda _: ()) == {"IsComplete": True}


def test_it_is_not_complete_while_something_remains() -> None:
    later = time.time() + 60
    assert resource.progress(delete(later), lambda _: ("app x",)) == {"IsComplete": False}


def test_it_gives_up_with_the_names_of_what_remains() -> None:
    with pytest.raises(StillThereError, match=r"app x, space y.*run the destroy again"):
        resource.progress(delete(time.time() - 1), lambda _: ("app x", "space y"))


def test_it_gives_up_before_the_framework_does() -> None:
    answer = resource.accept(DELETE, "id")
    assert time.time() < answer["Deadline"] < time.time() + 3600


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_it_cleans_up_only_on_delete(
    request_type: Literal["Create", "Update"],
) -> None:
    def clean(_properties: object) -> tuple[str, ...]:
        raise AssertionError

    event: Event[Properties] = {"RequestType": request_type, "ResourceProperties": {}}
    assert resource.progress(event, clean) == {"IsComplete": True}


def test_its_answer_passes_through_the_framework_as_json() -> None:
    answer = resource.accept(DELETE, "id")
    assert json.loads(json.dumps(answer)) == answer
