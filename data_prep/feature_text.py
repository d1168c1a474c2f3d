"""Side features as a person types them: "genres:multi_valued,year"."""

from typing import get_args

from data_prep.column_settings import FeatureKind


def parse_features(text: str) -> list[dict[str, str]]:
    """Return the features of "genres:multi_valued,year", as in a settings file.

    What follows a colon is a kind if it is one, and else part of the column's name.
    """
    features = []
    for part in text.split(","):
        name, _, kind = part.rpartition(":")
        known = name and kind in get_args(FeatureKind)
        features.append({"name": name, "kind": kind} if known else {"name": part})
    return features
