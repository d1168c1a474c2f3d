"""boto3 clients of the account's other services, as a role or as SageMaker itself."""

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
    """Return a boto3 client (untyped) of one of the account's services.

    Args:
        service: boto3's name of the service.
        region: the region to call.
        credentials: whose rights it has; by default those of SageMaker itself.
    """
    with _building:  # botocore's loaders are not thread-safe
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
    """Return the error code of a failed call."""
    return str(error.response["Error"]["Code"])


def split_uri(uri: str) -> tuple[str, str]:
    """Return bucket and key (or prefix) of an s3:// or https:// URI of an object."""
    parts = urlsplit(uri)
    if parts.scheme == "s3":
        return parts.netloc, parts.path.lstrip("/")
    bucket, _, key = parts.path.lstrip("/").partition("/")
    return bucket, key
