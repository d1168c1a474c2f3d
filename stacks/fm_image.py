"""The image of SageMaker's built-in Factorization Machines in each region."""

from aws_cdk import Aws, CfnMapping, Fn
from constructs import Construct

from contract.fm_images import ACCOUNTS, REPOSITORY


class FmImage(Construct):
    """The image in the region that the stack is deployed to."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        accounts = CfnMapping(
            self,
            "Accounts",
            mapping={region: {"account": account} for region, account in ACCOUNTS.items()},
        )
        self.account = accounts.find_in_map(Aws.REGION, "account")
        self.uri = Fn.join(
            "",
            [self.account, ".dkr.ecr.", Aws.REGION, ".", Aws.URL_SUFFIX, f"/{REPOSITORY}:1"],
        )
        self.repository_arn = Fn.join(
            ":",
            ["arn", Aws.PARTITION, "ecr", Aws.REGION, self.account, f"repository/{REPOSITORY}"],
        )
