"""The recommend function: behind IAM, and no more than a reader."""

import json
from typing import Any


def test_its_url_asks_iam(templates: dict[str, Any]) -> None:
    (url,) = [
        resource["Properties"]
        for resource in templates["pipeline"]["Resources"].values()
        if resource["Type"] == "AWS::Lambda::Url"
    ]
    assert url["AuthType"] == "AWS_IAM"
    assert "Cors" not in url


def test_the_stack_says_where_it_is(templates: dict[str, Any]) -> None:
    outputs = templates["pipeline"]["Outputs"]
    assert {"RecommendUrl", "RecommendFunctionName"} <= set(outputs)


def test_it_only_reads(templates: dict[str, Any]) -> None:
    actions = {
        action
        for name, resource in templates["pipeline"]["Resources"].items()
        if resource["Type"] == "AWS::IAM::Policy" and name.startswith("TasksRecommend")
        for statement in resource["Properties"]["PolicyDocument"]["Statement"]
        for action in json.loads(
            json.dumps([statement["Action"]]).replace("[[", "[").replace("]]", "]")
        )
    }
    assert actions == {
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "s3:ListBucket",
        "s3:GetObject",
    }
