"""The rows of a preparation for ranking: positives with their history, and sampled negatives."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from data_prep.arrays import Bools, Int64s, Rows
from data_prep.pipeline import histories
from data_prep.pipeline.fields import InputField
from data_prep.pipeline.flags import with_flags
from data_prep.pipeline.histories import Histories, HistoryWriter
from data_prep.pipeline.labelled_blocks import (
    TEST,
    WRITTEN,
    Block,
    FlaggedBlocks,
    LabelledBlocks,
    SplitBlocks,
)
from data_prep.pipeline.negatives import add_negatives
from data_prep.pipeline.spool import LABEL, TIME, USER, TextCodes
from data_prep.settings import Split
from data_prep.size_plan import SizePlan

FEWEST_USERS = 100  # of whom some are kept from training; ten strangers show next to nothing
_STREAM = 5  # the random stream of the strangers
_SHARE = 0.1


class RankingRows(NamedTuple):
    """What `make_ranking_rows` makes.

    Attributes:
        blocks: the rows.
        histories: of all users.
    """

    blocks: FlaggedBlocks
    histories: Histories


def choose_strangers(split: Split, ranks: Int64s) -> Bools:
    """Return which users (users,) none of whose rows are trained on.

    Args:
        split: says how many.
        ranks: (users,) the order in which they stand for the numbers drawn.
    """
    users, share = len(ranks), split.strangers
    if share is None:
        share = _SHARE if users >= FEWEST_USERS else 0.0
    chosen = np.zeros(users, np.bool_)
    random = np.random.default_rng([split.seed, _STREAM])
    chosen[random.choice(users, round(share * users), replace=False)] = True
    by_code: Bools = chosen[ranks]
    return by_code


def positives_to_train_on(blocks: LabelledBlocks, strangers: Bools) -> Int64s:
    """Return the number of each user's positives (users,) that become training rows."""
    counts = np.zeros(len(strangers), np.int64)
    for block in blocks.blocks():
        users = block.rows[USER][(block.rows[LABEL] == 1) & ~block.test]
        counts += np.bincount(users, minlength=len(counts))
    counts[strangers] = 0
    return counts


def make_ranking_rows(
    split: SplitBlocks,
    folder: Path,
    fields: Sequence[InputField],
    codes: Mapping[str, TextCodes],
    strangers: Bools,
    plan: SizePlan,
    settings: Split,
) -> RankingRows:
    """Move rows to a new spool in which every record has its history, and a positive its negatives.

    Dislikes become no records, nor does anything that strangers did before the test part: they
    are known when the model serves, but nobody learns from them.

    Args:
        split: the rows; their spool is removed.
        folder: for the new spool and the histories.
        fields: the fields of a row.
        codes: the texts of each coded field, by key.
        strangers: (users,) whose rows are not trained on.
        plan: how many negatives, how long histories, and how many positives of a user.
        settings: of the split.
    """

    def written(block: Block) -> Bools:
        trained_on = block.test | ~strangers[block.rows[USER]]
        return np.asarray(trained_on & (block.rows[LABEL] == 1))

    flagged = with_flags(split, folder / "flagged", written, histories.COLUMNS)
    writer = HistoryWriter(
        folder / "histories",
        len(strangers),
        plan.history,
        settings.seed,
        by_time=settings.by_time,
    )

    def complete(rows: Rows) -> None:
        writer.add(rows)
        if plan.most_positives is not None:
            _cap(rows, plan.most_positives)

    path, seed = folder / "sampled", settings.seed
    blocks = add_negatives(flagged, path, fields, codes, plan.negatives, seed, complete)
    return RankingRows(blocks, writer.close())


def _cap(rows: Rows, most: int) -> None:
    """Leave each user's most recent training positives to be written, and no others."""
    candidates = np.flatnonzero(rows[WRITTEN] & ~rows[TEST])
    some = rows[candidates]
    times = (some[TIME],) if TIME in (rows.dtype.names or ()) else ()
    order = np.lexsort((*times, some[USER]))
    users = some[USER][order]
    ends = np.searchsorted(users, users, "right")
    older = ends - np.arange(len(users)) > most
    rows[WRITTEN][candidates[order[older]]] = False
