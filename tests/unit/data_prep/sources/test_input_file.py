"""Several files as one input."""

from pathlib import Path

from tests.unit.data_prep.conftest import Prepare, Table
from tests.unit.data_prep.sources.tables import COLUMNS, ROWS, files, jsonl, parquet


def test_chunks_of_a_few_rows_give_the_same(
    prepared: Prepare, table: Table, tmp_path: Path, reference: dict[str, str]
) -> None:
    prepared(parquet(tmp_path / "r.parquet", ROWS), columns=COLUMNS, block_bytes=100, out="p")
    prepared(table(jsonl(ROWS), "r.jsonl"), columns=COLUMNS, block_bytes=300, out="j")
    assert files(tmp_path / "p") == files(tmp_path / "j") == reference


def test_a_directory_of_files_of_different_formats_is_one_input(
    prepared: Prepare, table: Table, tmp_path: Path, reference: dict[str, str]
) -> None:
    (tmp_path / "in").mkdir()
    parquet(tmp_path / "in" / "a.parquet", ROWS[:50])
    table(jsonl(ROWS[50:]), "in/b.jsonl")
    (tmp_path / "in" / "_SUCCESS").write_text("")
    prepared(tmp_path / "in", columns=COLUMNS)
    assert files(tmp_path / "out") == reference
