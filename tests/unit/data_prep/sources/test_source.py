"""Tables in files of any format."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data_prep.errors import InputError
from tests.unit.data_prep.conftest import Prepare, Table
from tests.unit.data_prep.preparations import digests
from tests.unit.data_prep.ratings import HEADER, POSITIVE, ROWS, lines

FOREIGN = {
    "ZIP archive": b"PK\x03\x04",
    "bzip2": b"BZh91AY",
    "Zstandard": b"\x28\xb5\x2f\xfd",
    "xz": b"\xfd7zXZ\x00",
    "ORC": b"ORC",
    "Avro": b"Obj\x01",
    "one JSON array": b'[\n  {"user_id": 1}]',
}


@pytest.mark.parametrize("what", FOREIGN)
def test_formats_that_are_not_read_are_named(prepared: Prepare, table: Table, what: str) -> None:
    with pytest.raises(InputError, match=what):
        prepared(table(FOREIGN[what] + b"...", "table"))


def test_several_row_groups_types_and_codecs_are_one_table(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    prepared(table(lines(HEADER)), out="csv", **POSITIVE)
    columns = dict(zip(HEADER.split(","), map(list, zip(*ROWS, strict=True)), strict=True))
    text = pa.array(columns["item_id"]).dictionary_encode()
    for codec in ("zstd", "gzip", "none"):
        written = pa.table({**columns, "item_id": text})
        pq.write_table(written, tmp_path / "t", compression=codec, row_group_size=7)
        prepared(tmp_path / "t", out=codec, block_bytes=100, **POSITIVE)
        for name in ("train.recordio", "test.recordio"):
            assert digests(tmp_path / codec)[name] == digests(tmp_path / "csv")[name]
