"""The topic that failures are published to."""

from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct


class FailureTopic(sns.Topic):
    """An encrypted topic; an `email`, if there is one, is subscribed to it.

    The key is the one that AWS manages: by its policy, whoever in the account may publish may also
    use it through SNS.
    """

    def __init__(self, scope: Construct, construct_id: str, *, email: str | None) -> None:
        key = kms.Alias.from_alias_name(scope, "SnsKey", "alias/aws/sns")
        super().__init__(scope, construct_id, enforce_ssl=True, master_key=key)
        if email is not None:
            self.add_subscription(subscriptions.EmailSubscription(email))
