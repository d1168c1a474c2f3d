"""What pydantic finds is worded for a person."""

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, model_validator

from contract.validation import describe_all


class Inner(BaseModel):
    """A part of an input."""

    model_config = ConfigDict(extra="forbid")
    count: int = 1

    @field_validator("count")
    @classmethod
    def _at_least_one(cls, count: int) -> int:
        if count < 1:
            raise ValueError("must be at least 1")
        return count


class Outer(BaseModel):
    """An input."""

    inner: Inner = Inner()

    @model_validator(mode="after")
    def _not_seven(self) -> "Outer":
        if self.inner.count == 7:
            raise ValueError("inner.count must not be 7")
        return self


def worded(document: object) -> str:
    with pytest.raises(ValidationError) as raised:
        Outer.model_validate(document)
    return describe_all(raised.value.errors(), whole="input")


def test_the_prefix_of_pydantic_is_not_shown() -> None:
    assert worded({"inner": {"count": 0}}) == "inner.count: must be at least 1 (given: '0')"


def test_an_unknown_key_is_named() -> None:
    assert worded({"inner": {"counts": 1}}) == "inner.counts: no such key"


def test_a_rule_of_the_whole_input_names_its_keys_itself() -> None:
    assert worded({"inner": {"count": 7}}) == "inner.count must not be 7"


def test_an_input_of_another_kind_is_called_by_its_name() -> None:
    assert worded(3).startswith("input: ")


def test_a_long_value_is_shortened() -> None:
    assert len(worded({"inner": {"count": "x" * 1000}})) < 300
