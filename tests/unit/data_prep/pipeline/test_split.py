"""The test rows of each strategy."""

from pathlib import Path

import pytest

from data_prep.encoder import Encoder
from data_prep.pipeline import spool
from tests.unit.data_prep.conftest import Prepare, Table
from tests.unit.data_prep.preparations import interactions


@pytest.mark.parametrize("fraction", [0.1, 0.2, 0.5])
def test_a_random_split_has_exactly_the_requested_size(
    prepared: Prepare, planted: Path, fraction: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = prepared(planted, split={"test_fraction": fraction})
    assert manifest.rows.test == round(4000 * fraction)


def times(path: Path) -> dict[tuple[str, str], int]:
    rows = [line.split(",") for line in path.read_text().splitlines()[1:]]
    return {(user, item): int(time) for user, item, _, time in rows}


def test_a_split_by_time_tests_on_the_latest(
    prepared: Prepare, planted: Path, tmp_path: Path
) -> None:
    prepared(planted, split={"strategy": "time"})
    train = interactions(tmp_path / "out", "train")
    ordered = sorted(times(planted).items(), key=lambda pair: pair[1])
    assert {row[:2] for row in train} == {pair for pair, _ in ordered[:3200]}


def test_rows_of_the_same_time_stay_together(prepared: Prepare, table: Table) -> None:
    lines = [f"{n},{n % 7},{n % 2},{n // 10}" for n in range(100)]
    manifest = prepared(
        table(["user_id,item_id,label,timestamp", *lines]),
        split={"strategy": "time", "test_fraction": 0.25},
    )
    assert (manifest.rows.train, manifest.rows.test) == (80, 20)


def test_times_before_1970_come_first(prepared: Prepare, table: Table, tmp_path: Path) -> None:
    lines = [f"u{n},{n % 7},{n % 2},{n - 50}.5" for n in reversed(range(100))]
    prepared(table(["user_id,item_id,label,timestamp", *lines]), split={"strategy": "time"})
    users = {row[0] for row in interactions(tmp_path / "out", "train")}
    assert users == {f"u{n}" for n in range(80)}


def test_dates_are_times(prepared: Prepare, table: Table, tmp_path: Path) -> None:
    lines = [f"u{n},{n % 7},{n % 2},2024-{n % 12 + 1:02}-{n // 12 + 1:02}" for n in range(24)]
    prepared(
        table(["user_id,item_id,label,date", *lines]),
        split={"strategy": "time", "test_fraction": 0.5},
    )
    users = {row[0] for row in interactions(tmp_path / "out", "train")}
    assert users == {f"u{n}" for n in range(24) if n % 12 < 6}


def test_leave_last_out_tests_on_the_latest_of_each_user(
    prepared: Prepare, planted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "BLOCK_ROWS", 64)
    prepared(planted, split={"strategy": "leave_last_out"})
    when = times(planted)
    train = {row[:2] for row in interactions(tmp_path / "out", "train")}
    left = set(when) - train
    latest: dict[str, tuple[str, str]] = {}
    for pair in when:
        if pair[0] not in latest or when[pair] >= when[latest[pair[0]]]:
            latest[pair[0]] = pair
    assert left == set(latest.values())


def test_a_user_with_one_interaction_stays_in_training(
    prepared: Prepare, table: Table, tmp_path: Path
) -> None:
    lines = [f"{n % 5},{n},{n // 5 % 2},{n}" for n in range(48)]
    prepared(
        table(["user_id,item_id,label,timestamp", *lines, "once,1,1,99"]),
        split={"strategy": "leave_last_out"},
    )
    assert "once" in Encoder.load(tmp_path / "out").user_ids
