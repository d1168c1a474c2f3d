"""Reads of an account what decides whether a deployment fits; whatever cannot be read is said."""

from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from commands.verdicts import Quota, Quotas, Reading, Unreadable

_SERVICE = "sagemaker"
_PAGE = {"PageSize": 100}
# Of CDK's default bootstrap, whose qualifier is hnb659fds.
_BOOTSTRAP_VERSION = "/cdk-bootstrap/hnb659fds/version"
T = TypeVar("T")


class AccountLimits:
    """The limits of the account and region of a boto3 session (untyped)."""

    def __init__(self, session: Any) -> None:
        """Keep the session; read nothing yet."""
        self._session = session

    def bootstrap_version(self) -> Reading[int | None]:
        """Return the version of the CDK's bootstrap stack; None: it was never made."""
        ssm = self._session.client("ssm")

        def read() -> int | None:
            try:
                return int(ssm.get_parameter(Name=_BOOTSTRAP_VERSION)["Parameter"]["Value"])
            except ssm.exceptions.ParameterNotFound:
                return None

        return _reading(read)

    def quotas(self, names: Iterable[str]) -> Reading[Quotas]:
        """Return SageMaker's quotas by name, `names` among them if they exist.

        An account has a value of its own for some of its quotas, and AWS's default for the others.
        """
        client = self._session.client("service-quotas")

        def read(operation: str) -> dict[str, Quota]:
            pages = client.get_paginator(operation).paginate(
                ServiceCode=_SERVICE, PaginationConfig=_PAGE
            )
            return {
                quota["QuotaName"]: Quota(quota["Value"], quota["QuotaCode"])
                for page in pages
                for quota in page["Quotas"]
            }

        def read_all() -> Quotas:
            applied = read("list_service_quotas")
            if applied.keys() >= set(names):
                return applied
            return read("list_aws_default_service_quotas") | applied

        return _reading(read_all)

    def domain_names(self) -> Reading[Collection[str]]:
        """Return the names of the Studio domains."""
        pages = self._session.client("sagemaker").get_paginator("list_domains").paginate()
        return _reading(
            lambda: [domain["DomainName"] for page in pages for domain in page["Domains"]]
        )

    def unreserved_concurrency(self) -> Reading[int]:
        """Return how many functions may run at once that have no reserved concurrency."""
        client = self._session.client("lambda")
        return _reading(
            lambda: int(
                client.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
            )
        )


def _reading(read: Callable[[], T]) -> Reading[T]:
    try:
        return read()
    except ClientError as error:
        return Unreadable(f"{error.operation_name}: {error.response['Error']['Code']}")
    except BotoCoreError as error:
        return Unreadable(str(error))
