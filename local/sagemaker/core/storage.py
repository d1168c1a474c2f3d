"""Moves a job's files between S3 and its folder, with the rights of the execution role."""

import json
import tarfile
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import ClientError

from local.ministack.adapter import Credentials
from local.sagemaker.core import clients
from local.sagemaker.core.api import Structure
from local.sagemaker.core.errors import invalid

DATA_TYPES = ("S3Prefix", "ManifestFile")


class TransferError(Exception):
    """A transfer that S3 refused; the message is a FailureReason."""


@dataclass(frozen=True)
class Object:
    """An object in S3.

    Attributes:
        bucket: where it is.
        key: its key.
        name: its path in the folder of its channel.
    """

    bucket: str
    key: str
    name: str


def objects(source: Structure, region: str, credentials: Credentials) -> list[Object]:
    """Return the objects of an S3DataSource: those under a prefix, or those that a manifest lists.

    Raises:
        ClientError: S3 refuses.
        ValueError, LookupError, TypeError: the manifest is not one.
    """
    bucket, key = clients.split_uri(source["S3Uri"])
    s3 = clients.client("s3", region, credentials)
    if source["S3DataType"] == "ManifestFile":
        manifest = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        bucket, prefix = clients.split_uri(manifest[0]["prefix"])
        return [Object(bucket, prefix + name, name) for name in manifest[1:]]
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
    keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
    return [Object(bucket, each, _name_below(each, key)) for each in keys if each[-1:] != "/"]


def check_input(source: Structure, role: str, region: str, credentials: Credentials) -> None:
    """Check that a role can list at least one object of an S3DataSource.

    Raises:
        ServiceError: ValidationException.
    """
    if source["S3DataType"] not in DATA_TYPES:
        raise invalid(f"The local account reads data sources of type {' and '.join(DATA_TYPES)}.")
    try:
        if objects(source, region, credentials):
            return
    except (ClientError, ValueError, LookupError, TypeError):
        pass
    uri = source["S3Uri"]
    raise invalid(
        f'No S3 objects found under S3 URL "{uri}" given in input data source. Please ensure that '
        f"the bucket exists in the selected region ({region}), that objects exist under that S3 "
        f'prefix, and that the role "{role}" has "s3:ListBucket" permissions on bucket '
        f'"{clients.split_uri(uri)[0]}".'
    )


def check_model(uri: str, role: str, region: str, credentials: Credentials) -> None:
    """Check that a role can read a model artifact.

    Raises:
        ServiceError: ValidationException.
    """
    bucket, key = clients.split_uri(uri)
    try:
        clients.client("s3", region, credentials).head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if clients.error_code(error) in ("404", "NoSuchKey", "NoSuchBucket"):
            raise invalid(f"Could not find model data at {uri}.") from None
        raise invalid(
            f'Could not access model data at {uri}. Please ensure that the role "{role}" exists '
            'and that its trust relationship policy allows the action "sts:AssumeRole" for the '
            'service principal "sagemaker.amazonaws.com". Also ensure that the role has '
            f'"s3:GetObject" permissions and that the object is located in {region}.'
        ) from None


def download(source: Structure, folder: Path, region: str, credentials: Credentials) -> None:
    """Copy every object of an S3DataSource into a folder.

    Raises:
        TransferError: an object cannot be read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    s3 = clients.client("s3", region, credentials)
    try:
        for item in objects(source, region, credentials):
            target = folder / item.name
            if not target.resolve().is_relative_to(folder.resolve()):
                raise TransferError(
                    f"ClientError: Data download failed: {item.key} leaves its channel"
                )
            target.parent.mkdir(parents=True, exist_ok=True)
            s3.download_file(item.bucket, item.key, str(target))
    except ClientError as error:
        raise TransferError(f"ClientError: Data download failed:{_reason(error)}") from None


def download_model(uri: str, folder: Path, region: str, credentials: Credentials) -> None:
    """Unpack a model artifact (tar.gz) into a folder.

    Raises:
        TransferError: it cannot be read, or is not a gzipped tar archive.
    """
    folder.mkdir(parents=True, exist_ok=True)
    bucket, key = clients.split_uri(uri)
    packed = folder.with_suffix(".tar.gz")
    try:
        clients.client("s3", region, credentials).download_file(bucket, key, str(packed))
        with tarfile.open(packed) as archive:
            archive.extractall(folder, filter="data")
    except (ClientError, tarfile.TarError, EOFError, OSError):
        raise TransferError(
            f'Failed to download model data for container "container_1" from URL: "{uri}". Please '
            "ensure that there is an object located at the URL and that the role passed to "
            "CreateModel has permissions to download the object."
        ) from None
    finally:
        packed.unlink(missing_ok=True)


def upload_archive(folder: Path, uri: str, region: str, credentials: Credentials) -> None:
    """Store the content of a folder as a tar.gz object.

    Raises:
        TransferError: the role may not write there.
    """
    packed = folder.with_suffix(".tar.gz")
    with tarfile.open(packed, "w:gz") as archive:
        for path in sorted(folder.iterdir()):
            archive.add(path, arcname=path.name)
    upload_file(packed, uri, region, credentials)
    packed.unlink()


def upload_file(path: Path, uri: str, region: str, credentials: Credentials) -> None:
    """Store a file as an object.

    Raises:
        TransferError: the role may not write there.
    """
    bucket, key = clients.split_uri(uri)
    try:
        with path.open("rb") as body:
            clients.client("s3", region, credentials).put_object(Bucket=bucket, Key=key, Body=body)
    except ClientError as error:
        raise TransferError(
            f"ClientError: Artifact upload failed:{_reason(error)} for {uri}"
        ) from None


def _name_below(key: str, prefix: str) -> str:
    if prefix and (prefix.endswith("/") or key.startswith(prefix + "/")):
        return key[len(prefix) :].lstrip("/")
    return key[prefix.rfind("/") + 1 :]


def _reason(error: ClientError) -> str:
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    code = {"403": "AccessDenied", "404": "NoSuchKey"}.get(
        clients.error_code(error), clients.error_code(error)
    )
    return f"{code} ({status}): {error.response['Error'].get('Message', '')}"
