"""Which live model can be compared with a new one."""

from typing import Any

from tasks.evaluation.live_model import different


def test_models_of_the_same_kind_can_be_compared(prepared: Any, earlier: Any) -> None:
    assert different(_manifest(prepared), _manifest(earlier)) is None


def test_a_live_model_of_the_other_type_cannot_be_compared(prepared: Any) -> None:
    regressor = _manifest(prepared).model_copy(update={"predictor_type": "regressor"})
    reason = different(_manifest(prepared), regressor)
    assert reason == "it is a regressor, and this model is a binary_classifier"


def test_users_known_by_history_and_by_id_cannot_be_compared(prepared: Any, ranked: Any) -> None:
    assert different(_manifest(ranked), _manifest(prepared)) == (
        "it is for classification and knows users by their id, and this model is for ranking and "
        "knows them by their history"
    )
    reason = different(_manifest(prepared), _manifest(ranked))
    assert reason is not None
    assert reason.startswith("it is for ranking and knows users by their history")


def _manifest(run: Any) -> Any:
    return run.catalogue.encoder.manifest
