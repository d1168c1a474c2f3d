"""What is learnt from a channel's first mini-batch: the network, and the bytes that were read."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from local.fm_container import first_batch
from tests.unit.local.fm_container.conftest import Run, encoded, make_data, write_root

BATCH = 20  # as the conftest has it
LARGE = 1_100_000  # features: the values of a row with all of them exceed what is read at once


def head(dense: bool = False, records: int = 50) -> bytes:
    rows, labels = make_data(records)
    return encoded(rows.toarray() if dense else rows, labels)


def test_records_with_keys_and_shape_are_sparse() -> None:
    assert not first_batch.inspect(head(), BATCH).dense


def test_records_of_values_alone_are_dense() -> None:
    assert first_batch.inspect(head(dense=True), BATCH).dense


def test_an_empty_row_is_sparse_by_its_shape() -> None:
    rows: Any = sparse.csr_array((3, 30), dtype=np.float32)
    assert not first_batch.inspect(encoded(rows, np.ones(3, np.float32)), BATCH).dense


def test_the_size_is_that_of_the_batch_s_records() -> None:
    rows, labels = make_data(50)
    assert first_batch.inspect(head(), BATCH).size == len(encoded(rows[:BATCH], labels[:BATCH]))


def test_fewer_records_than_a_batch_count_whole() -> None:
    assert first_batch.inspect(head(records=7), BATCH).size == len(head(records=7))


def test_a_record_cut_off_behind_the_batch_does_not_matter() -> None:
    whole, cut = (first_batch.inspect(part, BATCH) for part in (head(), head()[:-5]))
    assert whole == cut


def test_other_fields_and_their_order_do_not_matter() -> None:
    values, keys, shape = b"\x0a\x04" + bytes(4), b"\x12\x01\x03", b"\x1a\x01\x1e"
    tensor = shape + b"\x48\x07" + keys + values  # field 9 is nothing that the format knows
    value = b"\x12" + bytes([len(tensor)]) + tensor
    entry = b"\x12" + bytes([len(value)]) + value + b"\x0a\x06values"
    payload = b"\x0a" + bytes([len(entry)]) + entry
    record = bytes.fromhex("0a23d7ce") + len(payload).to_bytes(4, "little") + payload
    record += bytes(-len(payload) % 4)
    assert first_batch.inspect(record, BATCH) == first_batch.FirstBatch(False, len(record))


def test_without_a_record_there_is_nothing_to_tell() -> None:
    with pytest.raises(ValueError, match="no record"):
        first_batch.inspect(b"", BATCH)


def large_rows(count: int) -> tuple[Any, Any]:
    rows: Any = sparse.csr_array(np.ones((count, LARGE), np.float32))
    return rows, np.ones(count, np.float32)


def test_a_large_first_record_does_not_hide_that_it_is_sparse(run: Run, tmp_path: Path) -> None:
    train = encoded(*large_rows(1))
    code, log = run(write_root(tmp_path, train, feature_dim=str(LARGE), num_factors="1"))
    assert code == 0
    assert "[Sparse network] Building a sparse network." in log


def first_read(log: str) -> int:
    match = re.search(r'"epoch": 0, "duration": \d+, "num_examples": 1, "num_bytes": (\d+)', log)
    assert match is not None
    return int(match[1])


def test_a_large_first_batch_is_logged_whole(run: Run, tmp_path: Path) -> None:
    train = encoded(*large_rows(2))
    _, log = run(write_root(tmp_path, train, feature_dim=str(LARGE), num_factors="1"))
    assert first_read(log) == len(train)


def test_a_first_batch_of_several_files_is_logged_whole(run: Run, tmp_path: Path) -> None:
    rows, labels = make_data()
    opt_ml = write_root(tmp_path, encoded(rows[:8], labels[:8]))
    (opt_ml.data / "train" / "z.recordio").write_bytes(encoded(rows[8:], labels[8:]))
    _, log = run(opt_ml)
    assert first_read(log) == len(encoded(rows[:BATCH], labels[:BATCH]))
