"""boto3 clients of the account's own other services, as a role or as the service itself."""

import functools
import threading
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from local.ministack.adapter import Credentials
from local.sagemaker.core import settings

SERVICE = Credentials("test", "test", "")
_building = threading.Lock()


def client(service: str, region: str, credentials: Credentials = SERVICE) -> Any:
    """A client of one of the account's services; by default with the service's own rights."""
    with _building:  # botocore's loaders are not made for threads
        return _client(service, region, credentials)


@functools.lru_cache(maxsize=64)
def _client(service: str, region: str, credentials: Credentials) -> Any:
    return boto3.session.Session().client(
        service,
        region_name=region,
        endpoint_url=settings.endpoint_url(),
        verify=str(settings.certificate()),
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
        aws_session_token=credentials.token or None,
        config=Config(
            retries={"max_attempts": 2},
            s3={"addressing_style": "path"},
            max_pool_connections=50,
        ),
    )


def error_code(error: ClientError) -> str:
    """The error code of a failed call."""
    return str(error.response["Error"]["Code"])


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key (or prefix) of an s3:// or https:// URI of an object."""
    parts = urlsplit(uri)
    if parts.scheme == "s3":
        return parts.netloc, parts.path.lstrip("/")
    bucket, _, key = parts.path.lstrip("/").partition("/")
    return bucket, key
