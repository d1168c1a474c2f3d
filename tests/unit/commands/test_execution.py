"""An execution is followed through the states that a person waits for."""

from commands.execution import PHASES


def test_polling_and_notifying_are_no_steps_of_their_own() -> None:
    assert sorted(PHASES) == [
        "DeployModel",
        "EvaluateModel",
        "GateModel",
        "PrepareByTime",
        "PrepareData",
        "PublishRecommendations",
        "RollBackModel",
        "TrainByTime",
        "TrainModel",
        "VerifyEndpoint",
        "VerifyRollBack",
    ]
