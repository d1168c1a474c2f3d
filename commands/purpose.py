"""What a model is for, in the first lines of a command."""

from collections.abc import Mapping

from commands.console import console
from data_prep.settings import Purpose

_MEANINGS: Mapping[Purpose, str] = {
    "ranking": (
        "which of all items come next? Users are what they chose before, dislikes only count as "
        "seen, and lists are judged by NDCG@10"
    ),
    "classification": (
        "would they like it, if they saw it? Labels are learned as they stand, and scores are "
        "judged by AUC"
    ),
    "rating": "which number would they give? Scores are judged by RMSE",
}


def show_purpose(purpose: Purpose) -> None:
    """Say what the model is for, what that means, and how to have another."""
    others = " or ".join(f"PURPOSE={other}" for other in _MEANINGS if other != purpose)
    console.print(f"Purpose {purpose}: {_MEANINGS[purpose]}. Another: {others}.")
