"""What EvaluateModel may read, and where the data of the second model may be written."""

import json
from typing import Any


def _statement(templates: dict[str, Any], function: str, action: str) -> dict[str, Any]:
    for name, resource in templates["pipeline"]["Resources"].items():
        if resource["Type"] == "AWS::IAM::Policy" and name.startswith(f"Tasks{function}"):
            for statement in resource["Properties"]["PolicyDocument"]["Statement"]:
                if action in json.dumps(statement["Action"]):
                    return dict(statement)
    raise AssertionError(f"{function} may not {action}")


def test_the_learning_curve_comes_from_the_training_jobs_log_group(
    templates: dict[str, Any],
) -> None:
    statement = _statement(templates, "EvaluateModel", "logs:FilterLogEvents")
    assert "log-group:/aws/sagemaker/TrainingJobs:*" in json.dumps(statement["Resource"])


def test_it_describes_this_deployments_jobs_only(templates: dict[str, Any]) -> None:
    statement = _statement(templates, "EvaluateModel", "sagemaker:DescribeTrainingJob")
    assert "training-job/mine-train-*" in json.dumps(statement["Resource"])


def test_it_sees_which_model_is_live(templates: dict[str, Any]) -> None:
    statement = _statement(templates, "EvaluateModel", "cloudformation:DescribeStacks")
    assert "stack/mine-serving/*" in json.dumps(statement["Resource"])


def test_the_data_of_the_second_model_are_written_into_a_folder_of_their_own(
    templates: dict[str, Any],
) -> None:
    statement = _statement(templates, "PrepareByTime", "s3:PutObject")
    assert json.dumps(statement["Resource"]).count("/runs/*/by-time/*") == 1
    assert json.dumps(statement["Resource"]).count("*") == 2
