"""Whole objects of a run in S3, read and written."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from contract import s3_layout
from tasks.run.errors import InvalidInputError

_MISSING = {"404", "NoSuchKey", "NoSuchBucket"}
_DENIED = {"403", "AccessDenied"}


def split_uri(uri: str) -> tuple[str, str]:
    """Return bucket and key of an S3 URI."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


def download(uri: str, target: Path) -> Path:
    """Copy the object at `uri` into the file `target` and return it.

    Raises:
        InvalidInputError: there is no such object, or this task's role may not read it.
    """
    bucket, key = split_uri(uri)
    target.parent.mkdir(parents=True, exist_ok=True)
    with naming(uri):
        _client().download_file(bucket, key, str(target))
    return target


def require(uri: str) -> None:
    """Make sure that there is an object at `uri`.

    Raises:
        InvalidInputError: there is none, or this task's role may not read it.
    """
    bucket, key = split_uri(uri)
    with naming(uri):
        _client().head_object(Bucket=bucket, Key=key)


def download_folder(uri: str, target: Path) -> Path:
    """Copy all objects below the prefix `uri` into the folder `target` and return it.

    Raises:
        InvalidInputError: this task's role may not read them.
    """
    bucket, prefix = split_uri(uri)
    pages = _client().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    for page in pages:
        for entry in page.get("Contents", []):
            download(f"s3://{bucket}/{entry['Key']}", target / entry["Key"].removeprefix(prefix))
    return target


def upload_folder(folder: Path, uri: str) -> None:
    """Copy all files below `folder` to the prefix `uri`."""
    bucket, prefix = split_uri(uri)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            _client().upload_file(str(path), bucket, prefix + path.relative_to(folder).as_posix())


def write_text(uri: str, text: str, content_type: str) -> None:
    """Put `text` (UTF-8) into the object at `uri`, which a browser opens as `content_type`."""
    bucket, key = split_uri(uri)
    _client().put_object(Bucket=bucket, Key=key, Body=text.encode(), ContentType=content_type)


@contextmanager
def naming(uri: str) -> Iterator[None]:
    """Turn S3's refusals of the object at `uri` into errors that name it.

    Raises:
        InvalidInputError: there is no such object, or this task's role may not read it.
    """
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in _MISSING:
            raise InvalidInputError(f"{uri}: there is no such object") from error
        if code in _DENIED:
            raise InvalidInputError(
                f"{uri}: the role of this task may not read it; put it into the deployment's "
                f"bucket, below {s3_layout.RAW}"
            ) from error
        raise


def _client() -> Any:  # boto3 has no types
    return boto3.client("s3")
