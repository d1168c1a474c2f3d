"""The whole preparation: every interaction, in the same bytes each time."""

from collections import Counter
from pathlib import Path

from data_prep import PrepareSettings
from data_prep.synthetic import lab
from tests.unit.data_prep.conftest import Prepare, Table
from tests.unit.data_prep.preparations import CSV, ROWS, digests, interactions, part


def test_every_interaction_is_in_one_part_with_user_and_item(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    manifest = prepared(table(CSV))
    rows = interactions(tmp_path / "out", "train") + interactions(tmp_path / "out", "test")
    assert Counter(rows) == Counter(ROWS)
    features, labels = part(tmp_path / "out", "train")
    assert features.shape == (160, manifest.feature_dim)
    assert manifest.feature_dim == 21 + 11
    assert manifest.positives is not None
    assert manifest.positives.train == labels.sum()


def test_the_same_input_and_settings_give_the_same_bytes_at_any_chunk_size(
    prepared: Prepare, planted: Path, tmp_path: Path
) -> None:
    for out, block_bytes in (("a", 1 << 24), ("b", 1 << 24), ("c", 1000)):
        prepared(planted, out=out, block_bytes=block_bytes)
    assert digests(tmp_path / "a") == digests(tmp_path / "b") == digests(tmp_path / "c")


def test_another_seed_gives_other_bytes(prepared: Prepare, planted: Path, tmp_path: Path) -> None:
    prepared(planted, out="a", split={"seed": 1})
    prepared(planted, out="b", split={"seed": 2})
    assert digests(tmp_path / "a")["train.recordio"] != digests(tmp_path / "b")["train.recordio"]


def test_the_lab_data_prepares_with_nothing_said(prepared: Prepare, tmp_path: Path) -> None:
    lab(tmp_path / "lab.csv")
    manifest = prepared(tmp_path / "lab.csv")
    assert (manifest.rows.train, manifest.rows.test) == (800, 200)
    assert manifest.feature_dim == 101 + 51


def test_several_files_are_one_input(prepared: Prepare, table: Table, tmp_path: Path) -> None:
    files = [table([CSV[0], *CSV[1 + n :: 3]], f"part-{n}.csv") for n in range(3)]
    prepared(*files)
    rows = interactions(tmp_path / "out", "train") + interactions(tmp_path / "out", "test")
    assert Counter(rows) == Counter(ROWS)


def test_progress_shows_the_columns(planted: Path, tmp_path: Path) -> None:
    from data_prep.preparation import prepare

    lines: list[str] = []
    prepare([planted], tmp_path / "out", PrepareSettings(), progress=lines.append)
    assert lines[0] == "Columns: user=user_id, item=item_id, label=interaction, timestamp=timestamp"
