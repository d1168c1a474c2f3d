"""What is planted suits the purpose, and what is attainable is known."""

from pathlib import Path

import numpy as np
import pytest

from commands.console import CommandError
from commands.planted import best_lists, plant, write_step
from data_prep.encoder import Encoder
from data_prep.held_out import HeldOut
from data_prep.preparation import prepare
from data_prep.settings import PrepareSettings
from data_prep.synthetic import PlantedChoices, PlantedFM

CHOICES = PlantedChoices(users=120, items=80, interactions=3000)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Choices of CHOICES, prepared for ranking."""
    folder = tmp_path_factory.mktemp("choices")
    files = write_step(CHOICES, folder)
    assert files.items is not None
    settings = PrepareSettings(purpose="ranking")
    prepare([files.interactions], folder / "data", settings, items=[files.items])
    return folder / "data"


def test_each_purpose_has_the_planted_model_that_suits_it() -> None:
    assert isinstance(plant("ranking"), PlantedChoices)
    assert isinstance(plant("classification"), PlantedFM)


def test_ratings_are_not_planted() -> None:
    with pytest.raises(CommandError, match=r"PURPOSE=rating needs ratings.*DATA=<file>"):
        plant("rating")


def test_the_best_lists_are_those_of_the_true_appeal(prepared: Path) -> None:
    encoder, held_out = Encoder.load(prepared), HeldOut.load(prepared)
    best = best_lists(CHOICES, encoder, held_out)["ndcg@10"]
    other = PlantedChoices(users=120, items=80, interactions=3000, seed=8)
    assert best is not None
    assert best > 0.4
    assert best > 2 * (best_lists(other, encoder, held_out)["ndcg@10"] or 0)


def test_the_best_lists_show_nothing_that_was_seen_and_judge_no_stranger(prepared: Path) -> None:
    encoder, held_out = Encoder.load(prepared), HeldOut.load(prepared)
    user, item = next(
        (user, item)
        for user, item in zip(held_out.users, held_out.items, strict=True)
        if user >= 0 and item >= 0 and user not in held_out.strangers
    )
    one = np.array([item])
    alone = HeldOut(np.array([user]), one, np.ones(1, np.float32), held_out.strangers)
    seen = encoder.seen_items(encoder.user_ids[user])
    appeal = CHOICES.appeal([encoder.user_ids[user]], encoder.item_ids)[0]
    appeal[seen] = -np.inf
    place = int((appeal > appeal[item]).sum())
    expected = 1 / np.log2(place + 2) if place < 10 else 0.0
    assert best_lists(CHOICES, encoder, alone)["ndcg@10"] == pytest.approx(expected)
    stranger = held_out.strangers[:1]
    users, items = np.array([user, stranger[0]]), np.array([item, 0])
    both = HeldOut(users, items, np.ones(2, np.float32), held_out.strangers)
    assert best_lists(CHOICES, encoder, both) == best_lists(CHOICES, encoder, alone)
