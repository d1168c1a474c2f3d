"""Which live model can be compared with a new one."""

from typing import Any

import pytest

from tasks.evaluation.live_model import different


def test_models_of_the_same_kind_can_be_compared(prepared: Any, earlier: Any) -> None:
    assert different(_manifest(prepared), _manifest(earlier)) is None


def test_a_live_model_of_the_other_type_cannot_be_compared(prepared: Any) -> None:
    regressor = _manifest(prepared).model_copy(update={"predictor_type": "regressor"})
    reason = different(_manifest(prepared), regressor)
    assert reason == "it is a regressor, and this model is a binary_classifier"


@pytest.mark.parametrize("live", ["ranked", "prepared"])
def test_users_known_by_history_and_by_id_cannot_be_compared(
    prepared: Any, ranked: Any, live: str
) -> None:
    pair = (prepared, ranked) if live == "ranked" else (ranked, prepared)
    reason = different(*map(_manifest, pair))
    theirs = "ranking and knows users by their history"
    ours = "classification and knows users by their id"
    if live == "prepared":
        theirs, ours = ours, theirs
    assert reason is not None
    assert reason.startswith(f"it is for {theirs}")
    assert ours.split(" and")[0] in reason


def _manifest(run: Any) -> Any:
    return run.catalogue.encoder.manifest
