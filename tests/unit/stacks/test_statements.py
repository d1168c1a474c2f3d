"""Statements say what they allow, and which of their resources are patterns."""

from stacks.statements import allow, pass_role, wildcards


def test_a_statement_allows_the_actions_on_the_resources_under_the_conditions() -> None:
    statement = allow("s3:GetObject", on=["arn:x"], StringLike={"s3:prefix": "raw/*"})
    assert statement.to_statement_json() == {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": "arn:x",
        "Condition": {"StringLike": {"s3:prefix": "raw/*"}},
    }


def test_a_role_is_passed_to_one_service() -> None:
    statement = pass_role("arn:role", to="sagemaker.amazonaws.com").to_statement_json()
    assert statement["Condition"] == {
        "StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}
    }


def test_the_patterns_of_statements_are_listed_once() -> None:
    statements = [allow("s3:GetObject", on=["arn:a/*", "arn:b"]), allow("a:B", on=["arn:a/*", "*"])]
    assert wildcards(statements) == ["arn:a/*", "*"]
