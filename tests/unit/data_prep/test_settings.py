"""Settings that are refused."""

import pytest
from pydantic import ValidationError

from data_prep.settings import PrepareSettings


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"seperator": ","}, "seperator"),
        ({"split": {"fraction": 0.2}}, "fraction"),
        ({"split": {"test_fraction": 1}}, "less than 1"),
        ({"separator": "\n"}, "separator"),
        ({"separator": '"'}, "separator"),
        ({"separator": "\u00e9"}, "separator"),
        ({"separator": ":::"}, "separator"),
        ({"min_count": 0}, "greater than or equal to 1"),
        ({"columns": {"label": "x", "user": "x"}}, "'x' has two roles"),
        ({"items": {"features": ["genres", "genres"]}}, "'genres' has two roles"),
        ({"items": {"id": "movieId", "features": ["movieId"]}}, "'movieId' has two roles"),
        ({"items": {"title": "name", "features": ["name"]}}, "'name' has two roles"),
        ({"items": {"features": [{"name": "t", "kind": "hour_of_day"}]}}, "interactions alone"),
        ({"users": {"title": "name"}}, "title"),
        (
            {"columns": {"item_features": ["genres"]}, "items": {"features": ["genres"]}},
            "'genres' is both in columns and in items.features",
        ),
        ({"predictor_type": "regressor", "label": {"positive_at_least": 4}}, "binary_classifier"),
    ],
)
def test_settings_name_what_is_wrong(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        PrepareSettings.model_validate(settings)
