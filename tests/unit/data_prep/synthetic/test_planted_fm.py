"""Labelled interactions drawn from a known model."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from data_prep.errors import InputError
from data_prep.synthetic import PlantedFM


def test_the_planted_table_has_the_requested_size_and_no_pair_twice(tmp_path: Path) -> None:
    PlantedFM(users=50, items=100, interactions=2000).write(tmp_path / "a.csv")
    rows = np.loadtxt(tmp_path / "a.csv", delimiter=",", skiprows=1)
    assert rows.shape == (2000, 4)
    assert len({(user, item) for user, item, *_ in rows.tolist()}) == 2000
    assert rows[:, 0].min() >= 1
    assert rows[:, 0].max() <= 50
    assert rows[:, 1].max() <= 100
    assert set(rows[:, 2]) == {0, 1}


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    digests = []
    for seed in (1, 1, 2):
        PlantedFM(users=50, items=100, interactions=500, seed=seed).write(tmp_path / "a.csv")
        digests.append(hashlib.sha256((tmp_path / "a.csv").read_bytes()).hexdigest())
    assert digests[0] == digests[1] != digests[2]


def test_the_true_probabilities_are_calibrated_and_attain_what_is_returned(tmp_path: Path) -> None:
    from sklearn.metrics import log_loss, roc_auc_score

    planted = PlantedFM(users=200, items=300, interactions=9_000)
    attainable = planted.write(tmp_path / "a.csv")
    rows = [line.split(",") for line in (tmp_path / "a.csv").read_text().splitlines()[1:]]
    probability = planted.probability([row[0] for row in rows], [row[1] for row in rows])
    labels = np.array([int(row[2]) for row in rows])
    assert attainable.auc == pytest.approx(roc_auc_score(labels, probability))
    assert attainable.log_loss == pytest.approx(log_loss(labels, probability))
    for low in np.arange(0, 1, 0.1):
        inside = (probability >= low) & (probability < low + 0.1)
        spread = 4 * np.sqrt(0.25 / inside.sum())
        assert labels[inside].mean() == pytest.approx(probability[inside].mean(), abs=spread)


def test_the_default_table_is_learnable(tmp_path: Path) -> None:
    attainable = PlantedFM().write(tmp_path / "a.csv")
    assert 0.8 < attainable.auc < 0.85


def test_side_features_are_written_and_belong_to_their_ids(tmp_path: Path) -> None:
    planted = PlantedFM(users=40, items=60, interactions=900, genres=5, groups=3)
    planted.write(tmp_path / "a.csv")
    header, *lines = (tmp_path / "a.csv").read_text().splitlines()
    assert header == "user_id,item_id,interaction,timestamp,group,genres"
    rows = [line.split(",") for line in lines]
    for owner, feature, most in ((0, 4, 3), (1, 5, 60)):
        pairs = {(row[owner], row[feature]) for row in rows}
        assert len(pairs) == len({one for one, _ in pairs})
        assert 1 < len({value for _, value in pairs}) <= most
    assert {len(row[5].split("|")) for row in rows} == {1, 2, 3}


def test_side_features_are_part_of_the_model() -> None:
    pairs = [str(n % 40 + 1) for n in range(200)], [str(n % 60 + 1) for n in range(200)]
    plain = PlantedFM(users=40, items=60, interactions=900).probability(*pairs)
    for features in ({"genres": 5}, {"groups": 3}):
        featured = PlantedFM(users=40, items=60, interactions=900, **features)
        assert np.abs(featured.probability(*pairs) - plain).max() > 0.1


def test_more_noise_leaves_less_to_learn(tmp_path: Path) -> None:
    auc = [
        PlantedFM(users=200, items=300, interactions=9_000, noise=noise)
        .write(tmp_path / "a.csv")
        .auc
        for noise in (0.5, 1, 2)
    ]
    assert auc == sorted(auc, reverse=True)


def test_popularity_concentrates_the_interactions(tmp_path: Path) -> None:
    def share(popularity: float) -> float:
        PlantedFM(users=200, items=1500, interactions=9_000, popularity=popularity).write(
            tmp_path / "a.csv"
        )
        items = np.loadtxt(tmp_path / "a.csv", delimiter=",", skiprows=1, usecols=1, dtype=int)
        counts = np.sort(np.bincount(items))[::-1]
        return float(counts[:150].sum() / counts.sum())

    assert share(0) < 0.2 < share(0.8) < share(1.2)


@pytest.mark.parametrize(
    "wrong", [{"users": 0}, {"noise": 0}, {"popularity": -1}, {"interactions": 10**9}]
)
def test_impossible_tables_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(InputError):
        PlantedFM(**wrong)
