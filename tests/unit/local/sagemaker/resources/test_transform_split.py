"""The input of a batch transform is split between records, and nowhere else."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.sagemaker.resources.transform_split import RECORDIO_MAGIC, SplitError, payloads


def frame(payload: bytes) -> bytes:
    """Return a RecordIO record."""
    return struct.pack("<II", RECORDIO_MAGIC, len(payload)) + payload + b"\0" * (-len(payload) % 4)


@given(st.lists(st.binary(max_size=9), max_size=6), st.integers(1, 60))
def test_recordio_is_cut_between_records(records: list[bytes], limit: int) -> None:
    frames = [frame(record) for record in records]
    parts = list(payloads(b"".join(frames), "RecordIO", "MultiRecord", limit))
    assert b"".join(parts) == b"".join(frames)
    assert all(len(part) <= limit or part in frames for part in parts)


def test_single_record_strategy_sends_each_line_alone() -> None:
    assert list(payloads(b"a\nb\n\nc", "Line", "SingleRecord", 100)) == [b"a\n", b"b\n", b"c"]


def test_unsplit_object_is_one_payload_whatever_its_size() -> None:
    assert list(payloads(b"abc", "None", "MultiRecord", 1)) == [b"abc"]


@pytest.mark.parametrize("content", [b"nonsense", frame(b"abcd")[:-1], frame(b"abcd") + b"\n"])
def test_invalid_recordio_is_refused(content: bytes) -> None:
    with pytest.raises(SplitError, match=r"^ClientError: "):
        list(payloads(content, "RecordIO", "MultiRecord", 100))
