"""Which interactions are prepared; tests/e2e/test_prepare_in_s3.py does it against S3."""

from pathlib import Path

from data_prep.synthetic import lab
from tasks.preparing.preparation import find_sources


def test_without_a_source_the_interactions_are_the_labs(tmp_path: Path) -> None:
    (source,) = find_sources(None, tmp_path)
    lab(tmp_path / "expected.csv")
    with source.open("rb") as file:
        assert file.read() == (tmp_path / "expected.csv").read_bytes()
