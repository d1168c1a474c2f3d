"""The failure topic: encrypted, and with a subscription only when an address is set."""

from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk.assertions import Match, Template

from stacks.failure_topic import FailureTopic
from stacks.settings import Settings, SettingsError, from_context


def _template(email: str | None) -> Template:
    stack = Stack(App(), "stack")
    FailureTopic(stack, "Failures", email=email)
    return Template.from_stack(stack)


def test_the_topic_is_encrypted_with_the_key_that_aws_manages() -> None:
    key = Match.object_like({"Fn::Join": ["", Match.array_with([":alias/aws/sns"])]})
    _template(None).has_resource_properties("AWS::SNS::Topic", {"KmsMasterKeyId": key})


def test_a_failure_email_is_subscribed() -> None:
    subscribed = {"Protocol": "email", "Endpoint": "ann@example.org"}
    _template("ann@example.org").has_resource_properties("AWS::SNS::Subscription", subscribed)


def test_without_a_failure_email_there_is_no_subscription(templates: dict[str, Any]) -> None:
    types = {resource["Type"] for resource in templates["pipeline"]["Resources"].values()}
    assert "AWS::SNS::Topic" in types
    assert "AWS::SNS::Subscription" not in types
    assert Settings().failure_email is None


def test_what_is_no_address_is_refused_by_its_key() -> None:
    context = {"factorstack": {"failure_email": "ann"}}
    with pytest.raises(SettingsError, match=r"factorstack\.failure_email"):
        from_context(App(context=context).node, "us-east-1")
