"""What the container learns from a channel's first mini-batch, which it reads before it trains.

It looks at the first record to choose its network: a tensor with keys and a shape is sparse, one of
values alone dense (SageMaker developer guide, "Common Data Formats for Training").
"""

import io
from dataclasses import dataclass

from data_prep.recordio import frames, parser
from data_prep.recordio.record_layout import HEADER


@dataclass(frozen=True)
class FirstBatch:
    """A channel's first mini-batch.

    Attributes:
        dense: Whether the first record has values alone.
        size: Length of the batch's records in bytes, with headers and padding.
    """

    dense: bool
    size: int


def inspect(head: bytes, batch_size: int) -> FirstBatch:
    """Return what the first records of a channel tell.

    Args:
        head: The channel's first bytes, which hold a whole mini-batch or all of its records.
        batch_size: Records of a mini-batch.

    Raises:
        InputError: The bytes are not RecordIO.
        ValueError: The first record is damaged, or there is none.
    """
    dense: bool | None = None
    size, missing = 0, batch_size
    for raw, starts, lengths in frames.read_pieces(io.BytesIO(head), None):
        if dense is None:
            payload = raw[starts[0] : starts[0] + lengths[0]].tobytes()
            tensor, _ = parser.parse_record(payload)
            dense = not tensor.shape
        batch = lengths[:missing]
        size += int((HEADER + batch + -batch % 4).sum())
        missing -= len(batch)
        if not missing:
            break
    if dense is None:
        raise ValueError("there is no record")
    return FirstBatch(dense, size)
