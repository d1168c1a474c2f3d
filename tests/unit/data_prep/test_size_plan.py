"""The size plan: what it chooses, that it says so, and that it knows what will be written."""

from pathlib import Path

import numpy as np
import pytest

from data_prep import size_plan
from data_prep.encoder import Encoder
from data_prep.settings import History, Negatives, PrepareSettings
from data_prep.size_plan import COMFORTABLE, LADDER, MOST, plan
from tests.unit.data_prep.conftest import Prepare, Table
from tests.unit.data_prep.preparations import part
from tests.unit.data_prep.ranking import HEADER, SETTINGS, interactions

RANKING = PrepareSettings(purpose="ranking")


def test_small_data_get_the_richest_rows() -> None:
    chosen = plan(np.full(1000, 50), RANKING, 0)
    assert (chosen.negatives.per_positive, chosen.history.most) == LADDER[0]
    assert "comfortable" in chosen.reason


@pytest.mark.parametrize("users", [3_000, 20_000, 30_000])
def test_larger_data_get_what_is_comfortable(users: int) -> None:
    positives = np.full(users, 60)
    chosen = plan(positives, RANKING, 0)
    assert chosen.non_zeros <= COMFORTABLE
    step = LADDER.index((chosen.negatives.per_positive, chosen.history.most))
    per_positive, most = LADDER[step - 1]
    richer = PrepareSettings(
        purpose="ranking",
        negatives=Negatives(per_positive=per_positive),
        history=History(most=most),
    )
    assert step == 0 or plan(positives, richer, 0).non_zeros > COMFORTABLE


def test_very_large_data_get_as_many_positives_of_a_user_as_fit() -> None:
    chosen = plan(np.full(1_000_000, 100), RANKING, 0)
    assert (chosen.negatives.per_positive, chosen.history.most) == LADDER[-1]
    assert chosen.most_positives is not None
    assert chosen.non_zeros <= MOST or chosen.most_positives == 20
    assert f"{chosen.most_positives} positives" in str(chosen)


@pytest.mark.parametrize(
    ("given", "chosen"),
    [
        ({"per_positive": 8}, Negatives(per_positive=8, by="popularity", exponent=0.3)),
        ({"by": "uniform"}, Negatives(per_positive=10, by="uniform")),
        ({"by": "popularity"}, Negatives(per_positive=10, by="popularity")),
        ({}, Negatives(per_positive=10, by="popularity", exponent=0.3)),
    ],
)
def test_what_is_left_open_of_the_negatives_is_planned(
    given: dict[str, object], chosen: Negatives
) -> None:
    settings = PrepareSettings.model_validate({"purpose": "ranking", "negatives": given})
    assert plan(np.full(1000, 50), settings, 0).negatives == chosen


def test_the_length_of_histories_is_planned_when_another_thing_is_given_of_them() -> None:
    given = PrepareSettings(purpose="ranking", history=History(shortened=0.25))
    assert plan(np.full(1000, 50), given, 0).history == History(most=100, shortened=0.25)


def test_what_is_given_wins() -> None:
    given = PrepareSettings(
        purpose="ranking",
        negatives=Negatives(per_positive=99, by="uniform"),
        history=History(most=777),
        most_positives=10_000,
    )
    chosen = plan(np.full(100_000, 2000), given, 0)
    assert chosen.negatives == given.negatives
    assert chosen.history == given.history
    assert chosen.most_positives == 10_000
    assert "more than" in chosen.reason


def test_nobody_likes_anything() -> None:
    assert plan(np.zeros(5, np.int64), RANKING, 0).rows == 0


def test_it_knows_what_will_be_written(prepared: Prepare, table: Table, tmp_path: Path) -> None:
    rows = interactions(users=200, each=30)
    settings = {name: value for name, value in SETTINGS.items() if name != "history"}
    manifest = prepared(table([HEADER, *(row.line for row in rows)]), **settings)
    encoder = Encoder.load(tmp_path / "out")
    strangers = 0.1 * len(encoder.user_ids)
    likes = np.array([len(encoder.history(user)) for user in encoder.user_ids])
    chosen = plan(likes, PrepareSettings.model_validate(settings), 1)
    features, labels = part(tmp_path / "out", "train")
    trained_on = 1 - strangers / len(encoder.user_ids)
    assert len(labels) == pytest.approx(chosen.rows * trained_on, rel=0.1)
    assert features.nnz == pytest.approx(chosen.non_zeros * trained_on, rel=0.15)
    assert features.nnz == pytest.approx(manifest.non_zeros, rel=0.15)
    size = (tmp_path / "out" / "train.recordio").stat().st_size
    assert size == pytest.approx(chosen.bytes * trained_on, rel=0.15)
    assert manifest.history == chosen.history


def test_the_manifest_and_the_log_say_what_was_chosen(
    table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from data_prep.preparation import prepare, rehearse

    monkeypatch.setattr(size_plan, "COMFORTABLE", 5000)
    path = table([HEADER, *(row.line for row in interactions())])
    settings = PrepareSettings.model_validate(
        {key: value for key, value in SETTINGS.items() if key not in ("negatives", "history")}
    )
    lines: list[str] = []
    manifest = prepare([path], tmp_path / "out", settings, progress=lines.append)
    assert manifest.negatives is not None
    assert manifest.history is not None
    chosen = (manifest.negatives.per_positive, manifest.history.most)
    assert chosen in LADDER[1:]
    (line,) = [line for line in lines if line.startswith("Plan: ")]
    assert line.startswith(f"Plan: {chosen[0]} negatives for each positive, histories of up to")
    rehearsed = rehearse([path], settings)
    assert rehearsed.rows == len(interactions())
    assert str(rehearsed.plan) == line
