"""Objects in S3 that are read and written as files, without a copy on the function's disk."""

import io
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, Self, TypeAlias, cast

import boto3
from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError

from tasks.run.errors import InvalidInputError
from tasks.run.s3 import naming, split_uri

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

S3Client: TypeAlias = Any  # boto3 has no types
_READ_BYTES = 8 << 20  # of an object at once
_ATTEMPTS = 5
_PART_BYTES = 16 << 20  # of an upload, which has ten thousand at most
_BROKEN = (HTTPClientError, IncompleteReadError)  # of a body, which botocore does not retry


@dataclass(frozen=True)
class StoredFile:
    """An object that opens as a file does, for `data_prep`.

    Attributes:
        size: in bytes.
        etag: the version that is read; an object that has changed since is refused.
    """

    uri: str
    size: int
    etag: str

    @property
    def name(self) -> str:
        """The last part of the key."""
        return self.uri.rpartition("/")[2]

    def __str__(self) -> str:
        return self.uri

    def open(self, _mode: Literal["rb"] = "rb") -> io.BufferedReader:
        """Return the object's bytes as a file that seeks.

        Reading raises InvalidInputError when the object was changed since it was listed.
        """
        return io.BufferedReader(_Ranges(self), _READ_BYTES)


def stored_files(uri: str) -> list[StoredFile]:
    """Return the object at `uri`, or all below it, ordered by key, when it ends in a slash.

    Below a prefix, objects whose name, or the name of a folder on the way, begins with "." or "_"
    are markers and left out.

    Raises:
        InvalidInputError: there is none, or this task's role may not read it.
    """
    bucket, key = split_uri(uri)
    client = boto3.client("s3")
    with naming(uri):
        if not uri.endswith("/"):
            head = client.head_object(Bucket=bucket, Key=key)
            return [StoredFile(uri, head["ContentLength"], head["ETag"])]
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
        entries = [entry for page in pages for entry in page.get("Contents", [])]
    stored = [
        StoredFile(f"s3://{bucket}/{entry['Key']}", entry["Size"], entry["ETag"])
        for entry in entries
        if all(part and part[0] not in "._" for part in entry["Key"].removeprefix(key).split("/"))
    ]
    if not stored:
        raise InvalidInputError(f"{uri}: there is no object below this prefix")
    return stored


class _Ranges(io.RawIOBase):
    """The bytes of an object, fetched by range, so that a broken connection costs one range."""

    def __init__(self, stored: StoredFile) -> None:
        self._stored = stored
        self._at = 0

    @cached_property
    def _client(self) -> S3Client:
        return boto3.client("s3")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at}.get(whence, self._stored.size)
        return self._at

    def readinto(self, buffer: "WriteableBuffer") -> int:
        target = memoryview(buffer).cast("B")
        end = min(self._at + len(target), self._stored.size)
        if end <= self._at:
            return 0
        body = self._fetch(f"bytes={self._at}-{end - 1}")
        target[: len(body)] = body
        self._at += len(body)
        return len(body)

    def _fetch(self, byte_range: str) -> bytes:
        bucket, key = split_uri(self._stored.uri)
        for left in reversed(range(_ATTEMPTS)):
            try:
                with naming(self._stored.uri):
                    answer = self._client.get_object(
                        Bucket=bucket, Key=key, Range=byte_range, IfMatch=self._stored.etag
                    )
                body: bytes = answer["Body"].read()
            except _BROKEN:
                if not left:
                    raise
            except ClientError as error:
                if error.response["Error"]["Code"] in ("PreconditionFailed", "412"):
                    raise InvalidInputError(
                        f"{self._stored.uri}: it was changed while it was read; run it again"
                    ) from error
                raise
            else:
                return body
        raise AssertionError  # the last attempt returns or raises


class _Upload(io.RawIOBase):
    """An object that is sent in parts while it is written; it exists once it is completed."""

    def __init__(self, client: S3Client, upload: Mapping[str, str]) -> None:
        """Take a multipart upload that has begun: its Bucket, Key and UploadId."""
        self._client = client
        self._upload = upload
        self._sender = ThreadPoolExecutor(1)
        self._parts: list[Future[Mapping[str, str]]] = []
        self._part = bytearray()

    @classmethod
    def begin(cls, client: S3Client, bucket: str, key: str) -> Self:
        begun = client.create_multipart_upload(Bucket=bucket, Key=key)
        return cls(client, {"Bucket": bucket, "Key": key, "UploadId": begun["UploadId"]})

    def writable(self) -> bool:
        return True

    def write(self, data: "ReadableBuffer") -> int:
        self._part += data
        if len(self._part) >= _PART_BYTES:
            self._send()
        return memoryview(data).nbytes

    def complete(self) -> None:
        self._send()
        parts = [
            {"PartNumber": number, "ETag": part.result()["ETag"]}
            for number, part in enumerate(self._parts, 1)
        ]
        self._client.complete_multipart_upload(MultipartUpload={"Parts": parts}, **self._upload)

    def abort(self) -> None:
        self._sender.shutdown(cancel_futures=True)
        self._client.abort_multipart_upload(**self._upload)

    def _send(self) -> None:
        if self._parts:
            self._parts[-1].result()  # no more than one part waits, and a failure ends the writing
        number, body = len(self._parts) + 1, bytes(self._part)
        self._part.clear()
        send = self._client.upload_part
        self._parts.append(self._sender.submit(send, Body=body, PartNumber=number, **self._upload))


@contextmanager
def uploads(uri: str) -> Iterator[Callable[[str], BinaryIO]]:
    """Yield a function that opens a file below the prefix `uri` for writing.

    The files become objects when the block ends well; when it does not, nothing is left of them.
    """
    bucket, prefix = split_uri(uri)
    client = boto3.client("s3")
    begun: list[_Upload] = []

    def open_upload(name: str) -> BinaryIO:
        begun.append(_Upload.begin(client, bucket, prefix + name))
        return cast(BinaryIO, begun[-1])

    try:
        yield open_upload
        while begun:
            begun[0].complete()
            del begun[0]
    finally:
        for upload in begun:
            upload.abort()
