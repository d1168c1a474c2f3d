"""Users and items of a run, by index."""

from typing import Any

import numpy as np
import pytest

from data_prep.errors import InputError


def test_items_are_called_by_their_titles_and_else_by_their_ids(ranked: Any) -> None:
    catalogue = ranked.catalogue
    names = catalogue.item_names(np.arange(catalogue.items))
    expected = [
        f"Film {item[1:]}" if int(item[1:]) >= 5 else item for item in catalogue.encoder.item_ids
    ]
    assert names == expected


def test_users_without_given_histories_are_known_by_their_own(ranked: Any) -> None:
    users = np.arange(20)
    own = ranked.catalogue.user_rows(users)
    given_own = ranked.catalogue.user_rows(users, ranked.catalogue.histories(users))
    assert abs(own - given_own).max() == 0
    none = ranked.catalogue.user_rows(users, [np.empty(0, np.int64)] * 20)
    assert none.nnz == 0


def test_a_run_without_histories_refuses_them(prepared: Any) -> None:
    with pytest.raises(InputError, match="histories do not stand for users here"):
        prepared.catalogue.user_rows(np.arange(1), [np.arange(2)])
    assert prepared.catalogue.history_field is None


def test_likes_are_a_matrix_of_ones(ranked: Any) -> None:
    histories = [np.array(history, np.int64) for history in ([], [7, 2], [0, 59, 30], [])]
    liked = ranked.catalogue.liked(histories)
    dense = np.zeros((4, 60))
    dense[1, [7, 2]] = dense[2, [0, 59, 30]] = 1
    assert np.array_equal(liked.toarray(), dense)
    assert liked.dtype == np.float32
    assert liked.has_canonical_format
    assert ranked.catalogue.liked([]).shape == (0, 60)


def test_item_columns_are_those_of_the_encoder(ranked: Any, prepared: Any) -> None:
    for run in (ranked, prepared):
        columns = run.catalogue.item_columns
        assert (
            list(range(columns.start, columns.stop)) == run.catalogue.encoder.item_columns.tolist()
        )
