"""Choices drawn from a known model, and the ranking that no model beats."""

from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from data_prep.errors import InputError
from data_prep.synthetic import PlantedChoices
from fm.ranking_metrics import NAMES, hits, per_user

SMALL = PlantedChoices(users=300, items=200, interactions=9_000)


def read(path: Path) -> NDArray[np.int64]:
    """Return the rows of a file: user id, item id, timestamp."""
    return np.loadtxt(path, np.int64, delimiter=",", skiprows=1, ndmin=2)


def written(planted: PlantedChoices, folder: Path) -> NDArray[np.int64]:
    planted.write(folder / "choices.csv")
    return read(folder / "choices.csv")


def all_appeals(planted: PlantedChoices) -> NDArray[np.float64]:
    users = [str(index + 1) for index in range(planted.users)]
    return planted.appeal(users, [str(index + 1) for index in range(planted.items)])


def test_the_file_has_the_requested_size_and_no_pair_twice(tmp_path: Path) -> None:
    rows = written(SMALL, tmp_path)
    assert (tmp_path / "choices.csv").read_text().startswith("user_id,item_id,timestamp\n")
    assert rows.shape == (9_000, 3)
    assert len(np.unique(rows[:, :2], axis=0)) == 9_000
    assert np.array_equal(np.unique(rows[:, 0]), np.arange(1, 301))
    assert set(rows[:, 1]) <= set(range(1, 201))


def test_every_pair_can_be_chosen(tmp_path: Path) -> None:
    rows = written(PlantedChoices(users=30, items=20, interactions=600), tmp_path)
    assert len(np.unique(rows[:, :2], axis=0)) == 600


def test_activity_is_skewed(tmp_path: Path) -> None:
    counts = np.bincount(written(SMALL, tmp_path)[:, 0])[1:]
    logarithms = np.log(counts)
    assert 0.6 < logarithms.std() < 1
    assert counts.mean() > 1.2 * np.median(counts)


def test_popularity_concentrates_the_choices(tmp_path: Path) -> None:
    shares = []
    for popularity in (0, 1, 2):
        planted = PlantedChoices(users=300, items=200, interactions=4_000, popularity=popularity)
        counts = np.sort(np.bincount(written(planted, tmp_path)[:, 1]))[::-1]
        shares.append(counts[:20].sum() / counts.sum())
    assert shares == sorted(shares)
    assert shares[2] > 1.5 * shares[0]


def test_ids_say_nothing_of_popularity_or_activity(tmp_path: Path) -> None:
    rows = written(PlantedChoices(), tmp_path)
    for column in (0, 1):
        counts = np.bincount(rows[:, column])[1:]
        correlation = np.corrcoef(np.arange(len(counts)), counts)[0, 1]
        assert abs(correlation) < 4 / np.sqrt(len(counts))


def test_the_file_is_ordered_by_time_and_a_users_times_all_differ(tmp_path: Path) -> None:
    rows = written(SMALL, tmp_path)
    assert np.all(np.diff(rows[:, 2]) >= 0)
    assert len(np.unique(rows[:, [0, 2]], axis=0)) == len(rows)
    assert rows[-1, 2] - rows[0, 2] > 2 * 365 * 86_400


def test_choices_in_the_order_of_their_times_follow_plackett_and_luce(tmp_path: Path) -> None:
    planted = PlantedChoices(users=20_000, items=5, interactions=60_000, temperature=0.6)
    rows = written(planted, tmp_path)
    order = np.lexsort((rows[:, 2], rows[:, 0]))
    users, items = rows[order, 0] - 1, rows[order, 1] - 1
    firsts = np.flatnonzero(np.diff(users, prepend=-1))
    seconds = firsts[np.bincount(users) > 1] + 1
    odds = np.exp(all_appeals(planted) / 0.6)

    def agree(places: NDArray[np.int64], weights: NDArray[np.float64]) -> None:
        probability = weights / weights.sum(1, keepdims=True)
        chosen = np.arange(5) == items[places, None]
        for low in np.arange(0, 1, 0.1):
            inside = (probability > low) & (probability <= low + 0.1)
            expected = probability[inside]
            deviation = np.sqrt((expected * (1 - expected)).sum())
            assert abs(chosen[inside].sum() - expected.sum()) < 4 * deviation

    agree(firsts, odds)
    left = odds[users[seconds]]
    left[np.arange(len(seconds)), items[seconds - 1]] = 0
    agree(seconds, left)


def test_order_by_appeal_has_the_highest_expected_ndcg_of_all_rankings() -> None:
    planted = PlantedChoices(users=1, items=5, interactions=3, popularity=0, seed=3)
    appeal = all_appeals(planted)[0]
    odds = np.exp(appeal / planted.temperature)
    # All sequences of three choices, of which any one is for training: P(held out, training).
    held_out = np.zeros((5, 5))
    for choices in permutations(range(5), 3):
        left, probability = odds.sum(), 1.0
        for item in choices:
            probability *= odds[item] / left
            left -= odds[item]
        for training in choices:
            for item in set(choices) - {training}:
                held_out[training, item] += probability
    discounts = 1 / np.log2(np.arange(2, 6))
    for training in range(5):
        unseen = [item for item in range(5) if item != training]
        best = max(
            permutations(unseen), key=lambda ranking: discounts @ held_out[training, list(ranking)]
        )
        assert list(best) == sorted(unseen, key=lambda item: -appeal[item])


def test_the_true_appeal_beats_popularity_and_worse_knowledge_of_itself(tmp_path: Path) -> None:
    rows = written(SMALL, tmp_path)
    random = np.random.default_rng(0)
    training = random.random(len(rows)) < 0.8
    seen, wanted = rows[training, :2] - 1, rows[~training, :2] - 1
    users, lists = np.unique(wanted[:, 0], return_inverse=True)

    def ndcg(scores: NDArray[np.float64]) -> float:
        scores = scores.copy()
        scores[seen[:, 0], seen[:, 1]] = -np.inf
        top = np.argsort(-scores[users], axis=1)[:, :20]
        metrics = per_user(hits(top, lists, wanted[:, 1], 200), np.bincount(lists))
        return float(metrics[:, NAMES.index("ndcg@10")].mean())

    appeals = all_appeals(SMALL)
    popularity = np.tile(np.bincount(seen[:, 1], minlength=200), (300, 1)).astype(float)
    blurred = [ndcg(appeals + random.normal(0, 0.5, appeals.shape)) for _ in range(5)]
    assert ndcg(appeals) > 1.2 * ndcg(popularity)
    assert ndcg(appeals) > max(blurred)


@pytest.mark.parametrize("file", ["choices.csv", "items.csv"])
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(
    tmp_path: Path, file: str
) -> None:
    contents = []
    for seed in (1, 1, 2):
        planted = PlantedChoices(users=50, items=100, interactions=500, seed=seed)
        planted.write(tmp_path / "choices.csv", tmp_path / "items.csv")
        contents.append((tmp_path / file).read_bytes())
    assert contents[0] == contents[1] != contents[2]


def test_a_table_of_the_items_changes_no_choice(tmp_path: Path) -> None:
    SMALL.write(tmp_path / "a.csv")
    SMALL.write(tmp_path / "b.csv", tmp_path / "items.csv")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_the_table_of_items_has_a_title_of_its_own_for_each(tmp_path: Path) -> None:
    PlantedChoices(items=3_000).write(tmp_path / "choices.csv", tmp_path / "items.csv")
    header, *lines = (tmp_path / "items.csv").read_text().splitlines()
    rows = [line.split(",") for line in lines]
    assert header == "item_id,title,genres"
    assert [row[0] for row in rows] == [str(index + 1) for index in range(3_000)]
    assert len({row[1] for row in rows}) == 3_000
    assert {len(row[2].split("|")) for row in rows} == {1, 2, 3}


def test_without_genres_the_table_of_items_has_none(tmp_path: Path) -> None:
    planted = PlantedChoices(users=5, items=9, interactions=20, genres=0)
    planted.write(tmp_path / "choices.csv", tmp_path / "items.csv")
    assert (tmp_path / "items.csv").read_text().startswith("item_id,title\n")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"factors": 0}, "must be at least 1"),
        ({"temperature": 0.0}, "temperature above 0"),
        ({"temperature": float("nan")}, "temperature above 0"),
        ({"popularity": float("inf")}, "finite"),
        ({"genres": -1}, "genres at least 0"),
        ({"users": 10, "items": 20, "interactions": 201}, "201 interactions are not between"),
        ({"users": 10, "items": 20, "interactions": 9}, "one for each of 10 users"),
    ],
)
def test_impossible_choices_are_refused(wrong: dict[str, int], message: str) -> None:
    with pytest.raises(InputError, match=message):
        PlantedChoices(**wrong)


@pytest.mark.parametrize(
    ("users", "items", "message"),
    [(["0"], ["1"], "no such user: '0'"), (["1"], ["201"], "no such item: '201'")],
)
def test_the_appeal_of_unknown_ids_is_refused(
    users: list[str], items: list[str], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        SMALL.appeal(users, items)
