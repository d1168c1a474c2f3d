"""Whom the evaluation asks, what they are known by, and what their lists should show."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tasks.evaluation import audience
from tests.unit.tasks.evaluation.naive import Asked, Likes


def _asked(found: audience.Audience) -> list[Asked]:
    assert found.histories is not None
    users = zip(found.users, found.histories, found.hidden, found.wanted, strict=True)
    return [
        Asked(int(user), history.tolist(), set(hidden.tolist()), set(wanted.tolist()))
        for user, history, hidden, wanted in users
    ]


def test_warm_users_have_histories_and_want_what_they_liked_since(ranked: Any) -> None:
    found = _asked(audience.warm(ranked.catalogue, ranked.held_out, 1.0))
    assert found == Likes(ranked).warm()
    assert len(found) > 150


def test_what_a_user_has_seen_is_not_wanted_again(ranked: Any) -> None:
    user = Likes(ranked).warm()[0]
    again = replace(
        ranked.held_out,
        users=np.append(ranked.held_out.users, user.user),
        items=np.append(ranked.held_out.items, user.history[0]),
        labels=np.append(ranked.held_out.labels, np.float32(1)),
    )
    assert _asked(audience.warm(ranked.catalogue, again, 1.0))[0] == user


def test_no_stranger_is_a_warm_user(ranked: Any) -> None:
    strangers = set(ranked.held_out.strangers.tolist())
    warm = audience.warm(ranked.catalogue, ranked.held_out, 1.0)
    assert len(strangers) == 24
    assert not strangers & set(warm.users.tolist())


@pytest.mark.parametrize("given", [5, 10, 20])
def test_strangers_are_known_by_some_likes_and_want_all_others(ranked: Any, given: int) -> None:
    found = _asked(audience.strangers(ranked.catalogue, ranked.held_out, given))
    assert found == Likes(ranked).by(given)
    for asked in found:
        assert len(asked.history) == given
        assert len(asked.wanted) >= 5
        assert not asked.wanted & asked.hidden


def test_what_is_given_for_5_is_given_for_10(ranked: Any) -> None:
    five, ten = (audience.strangers(ranked.catalogue, ranked.held_out, n) for n in (5, 10))
    few = {one.user: set(one.history) for one in _asked(five)}
    assert len(ten)
    assert all(few[one.user] < set(one.history) for one in _asked(ten))


def test_strangers_with_too_few_likes_are_not_asked(ranked: Any) -> None:
    sizes = [len(audience.strangers(ranked.catalogue, ranked.held_out, n)) for n in (5, 10, 20, 60)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == 24
    assert sizes[-1] == 0


def test_a_regressor_wants_what_is_at_least_the_mean(prepared: Any) -> None:
    held_out = replace(
        prepared.held_out,
        labels=np.linspace(1, 5, len(prepared.held_out.labels)).astype(np.float32),
    )
    half = audience.warm(prepared.catalogue, held_out, 3.0)
    rated = (held_out.labels >= 3) & (held_out.items >= 0)
    assert half.wanted_counts.sum() == rated.sum()
    assert half.histories is None


def test_of_very_many_users_some_are_drawn(ranked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    everyone = audience.warm(ranked.catalogue, ranked.held_out, 1.0).users
    monkeypatch.setattr(audience, "MOST_USERS", 20)
    drawn = audience.warm(ranked.catalogue, ranked.held_out, 1.0).users
    assert 15 <= len(drawn) <= 20
    assert set(drawn.tolist()) < set(everyone.tolist())
    assert drawn.tolist() == audience.warm(ranked.catalogue, ranked.held_out, 1.0).users.tolist()


def test_nobody_is_asked_where_nothing_was_held_out(ranked: Any) -> None:
    nothing = replace(
        ranked.held_out,
        users=np.empty(0, np.int64),
        items=np.empty(0, np.int64),
        labels=np.empty(0, np.float32),
    )
    warm = audience.warm(ranked.catalogue, nothing, 1.0)
    assert len(warm) == 0
    assert [len(part) for part in warm.wanted_pairs] == [0, 0]
