"""The users for whom lists are made: what they are known by, and what their lists should show."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data_prep.held_out import HeldOut
from fm.arrays import Int64s
from tasks.run.catalogue import Catalogue

MOST_USERS = 10_000  # drawn once; more would not narrow the intervals visibly
FEWEST_LEFT = 5  # likes of a stranger beyond those that are given
_SEED = 42


@dataclass(frozen=True, eq=False)
class Audience:
    """Users, each with at least one item that a good list would show.

    Attributes:
        users: indices of the users, ascending, shape (u,).
        histories: liked items that each is known by, as indices, oldest first; None where users
            have columns of their own instead.
        hidden: the items that no list of the user may show.
        wanted: the items that it should show, at least one each.
    """

    users: Int64s
    histories: Sequence[Int64s] | None
    hidden: Sequence[Int64s]
    wanted: Sequence[Int64s]

    def __len__(self) -> int:
        return len(self.users)

    @property
    def wanted_counts(self) -> Int64s:
        """How many items each list should show, shape (u,)."""
        return np.array([len(wanted) for wanted in self.wanted], np.int64)

    @property
    def wanted_pairs(self) -> tuple[Int64s, Int64s]:
        """The place of a user among `users` and an item that is wanted, both of shape (pairs,)."""
        places = np.repeat(np.arange(len(self)), self.wanted_counts)
        return places, np.concatenate([np.empty(0, np.int64), *self.wanted])


def warm(catalogue: Catalogue, held_out: HeldOut, liked_from: float) -> Audience:
    """Return the users whom training knows, at most `MOST_USERS`, and what they liked since.

    Items that a user has in training are never recommended, so no list can be expected to show
    them. Strangers are left out.

    Args:
        catalogue: the run's users and items.
        held_out: the held-out interactions.
        liked_from: the least label that says that an item was liked.
    """
    liked = _liked_since(held_out, liked_from)
    users = _drawn(np.setdiff1d(list(liked), held_out.strangers))
    seen = catalogue.seen(users)
    wanted = [
        np.setdiff1d(liked[user], had, assume_unique=True)
        for user, had in zip(users.tolist(), seen, strict=True)
    ]
    kept = np.array([at for at, items in enumerate(wanted) if len(items)], np.int64)
    return Audience(
        users[kept],
        catalogue.histories(users[kept]) if catalogue.history_field else None,
        [seen[at] for at in kept],
        [wanted[at] for at in kept],
    )


def strangers(catalogue: Catalogue, held_out: HeldOut, given: int) -> Audience:
    """Return the users of whom training has no row, each known by `given` items alone.

    The items are drawn from all that the stranger liked, before and after the split; the list
    should show the others. What is given for 5 is given for 10, too. A stranger with fewer than
    `FEWEST_LEFT` others is left out; of more than `MOST_USERS`, so many are drawn.

    Args:
        catalogue: a run's users and items, with histories.
        held_out: the held-out interactions; those with label 1 were liked.
        given: number of items, at least 1.
    """
    since = _liked_since(held_out, 1.0)
    users = _drawn(held_out.strangers)
    rows = []
    for user, history in zip(users.tolist(), catalogue.histories(users), strict=True):
        liked = np.concatenate([history, np.setdiff1d(since.get(user, []), history)])
        liked = liked.astype(np.int64)
        if len(liked) >= given + FEWEST_LEFT:
            chosen = np.sort(np.random.default_rng([_SEED, user]).permutation(len(liked))[:given])
            rows.append((user, liked[chosen], np.delete(liked, chosen)))
    known_by = [history for _, history, _ in rows]
    asked = np.array([user for user, _, _ in rows], np.int64)
    return Audience(asked, known_by, known_by, [wanted for _, _, wanted in rows])


def _liked_since(held_out: HeldOut, liked_from: float) -> dict[int, Int64s]:
    """Return the items of each user's held-out likes, ascending; unknown ones are left out."""
    kept = (held_out.labels >= liked_from) & (held_out.users >= 0) & (held_out.items >= 0)
    pairs = np.unique(np.stack([held_out.users[kept], held_out.items[kept]], 1), axis=0)
    users, starts = np.unique(pairs[:, 0], return_index=True)
    items = np.split(pairs[:, 1], starts[1:])
    return dict(zip(users.tolist(), items, strict=False))


def _drawn(users: Int64s) -> Int64s:
    if len(users) <= MOST_USERS:
        return users
    return np.sort(np.random.default_rng(_SEED).choice(users, MOST_USERS, replace=False))
