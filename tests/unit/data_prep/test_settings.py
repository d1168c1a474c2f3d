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
        ({"purpose": "ranking", "predictor_type": "regressor"}, "does not go with"),
        ({"purpose": "rating", "negatives": {}}, "negatives are for"),
        ({"history": {}}, "history is for purpose ranking"),
        ({"most_positives": 5}, "most_positives is for purpose ranking"),
        ({"split": {"strangers": 0.1}}, "split.strangers is for purpose ranking"),
        ({"negatives": {"exponent": 0.5}}, "exponent is for negatives by popularity"),
        ({"purpose": "ranking", "history": {"most": 0}}, "greater than or equal to 1"),
    ],
)
def test_settings_name_what_is_wrong(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        PrepareSettings.model_validate(settings)


@pytest.mark.parametrize(
    ("settings", "purpose", "predictor_type"),
    [
        ({}, "classification", "binary_classifier"),
        ({"predictor_type": "regressor"}, "rating", "regressor"),
        ({"purpose": "rating"}, "rating", "regressor"),
        ({"purpose": "ranking"}, "ranking", "binary_classifier"),
        ({"purpose": None, "predictor_type": None}, "classification", "binary_classifier"),
    ],
)
def test_purpose_and_predictor_type_imply_each_other(
    settings: dict[str, object], purpose: str, predictor_type: str
) -> None:
    settled = PrepareSettings.model_validate(settings)
    assert (settled.purpose, settled.predictor_type) == (purpose, predictor_type)


def test_for_ranking_no_label_is_needed() -> None:
    settings = {"purpose": "ranking", "columns": {"label": None}}
    assert PrepareSettings.model_validate(settings).samples
