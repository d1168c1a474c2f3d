"""The interactions read, split and labelled: everything that comes before writing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data_prep.arrays import Bools
from data_prep.errors import InputError
from data_prep.manifest import TableName
from data_prep.pipeline.duplicates import apply_threshold, merge_duplicates
from data_prep.pipeline.fit import Fitted, fit
from data_prep.pipeline.flags import with_flags
from data_prep.pipeline.histories import Histories
from data_prep.pipeline.ingest import Interactions, Progress, ingest
from data_prep.pipeline.labelled_blocks import LabelledBlocks, SplitBlocks
from data_prep.pipeline.negatives import add_negatives
from data_prep.pipeline.ranking_rows import (
    choose_strangers,
    make_ranking_rows,
    positives_to_train_on,
)
from data_prep.pipeline.split import choose_test_rows
from data_prep.pipeline.spool import USER, Spool
from data_prep.pipeline.write_parts import TEST, TRAIN
from data_prep.settings import PrepareSettings
from data_prep.size_plan import SizePlan, plan
from data_prep.sources.input_file import InputFile

_ONE_CLASS = (
    "A classifier needs both: look at the labels, label.positive_at_least, split and negatives"
)
_NO_NEGATIVES = "Users are positive about all items, so that no negative is left: bring more items"


@dataclass(frozen=True, eq=False)
class Labelled:
    """Interactions of which it is known what each is for, and what training learns of them.

    Attributes:
        interactions: as they were read.
        blocks: the rows, with sampled negatives.
        strangers: (users,) whose rows are not trained on.
        histories: those that stand for the users, for purpose ranking; else None.
        plan: how large the training data become, likewise.
        fitted: what training knows.
    """

    interactions: Interactions
    blocks: LabelledBlocks
    strangers: Bools
    histories: Histories | None
    plan: SizePlan | None
    fitted: Fitted


def label(
    files: Sequence[InputFile],
    table_files: Mapping[TableName, Sequence[InputFile]],
    settings: PrepareSettings,
    scratch: Path,
    block_bytes: int,
    report: Progress,
) -> Labelled:
    """Read the files, split their rows, and add what the settings ask for.

    Args:
        files: the interactions.
        table_files: the tables beside them.
        settings: everything that can be set.
        scratch: a folder for files that are no longer needed when the rows are written.
        block_bytes: the text read at once.
        report: called with a line of text as the work goes on.

    Raises:
        InputError: the input must not become training data.
    """
    interactions = ingest(files, table_files, settings, scratch / "rows", block_bytes, report)
    spool = _without_duplicates(interactions.spool, settings, scratch, report)
    report(f"Splitting {spool.rows:,} rows ({settings.split.strategy})")
    codes, fields = interactions.codes, interactions.fields
    users = len(codes[USER])
    split = SplitBlocks(spool, choose_test_rows(spool, settings.split, users))
    blocks: LabelledBlocks = split
    strangers, histories, size = np.zeros(users, np.bool_), None, None
    if settings.ranks:
        strangers = choose_strangers(settings.split, codes[USER].ranks)
        positives = positives_to_train_on(split, strangers)
        size = plan(positives, settings, len(fields) - 2)
        report(str(size))
        blocks, histories = make_ranking_rows(
            split, scratch, fields, codes, strangers, size, settings.split
        )
    elif settings.negatives is not None:
        report("Sampling negatives")
        flagged, path = with_flags(split, scratch / "flagged"), scratch / "sampled"
        seed = settings.split.seed
        blocks = add_negatives(flagged, path, fields, codes, settings.negatives, seed)
    fitted = fit(blocks, fields, codes, settings.min_count, histories)
    _check_parts(fitted, settings, str(files[0]), interactions.columns.label)
    return Labelled(interactions, blocks, strangers, histories, size, fitted)


def _without_duplicates(
    spool: Spool, settings: PrepareSettings, scratch: Path, report: Progress
) -> Spool:
    if settings.duplicates == "keep":
        return spool
    report("Merging duplicates")
    summed = settings.duplicates == "sum"
    spool = merge_duplicates(spool, scratch / "merged", sum_labels=summed)
    threshold = settings.label.positive_at_least
    if not summed or threshold is None:
        return spool
    return apply_threshold(spool, scratch / "labelled", threshold)


def _check_parts(
    fitted: Fitted, settings: PrepareSettings, file: str, label_column: str | None
) -> None:
    """Raise InputError, naming the file and its label column, when a part cannot be used."""
    for part in (TRAIN, TEST):
        if not getattr(fitted.rows, part):
            raise InputError(
                f"the {part} part of the split would be empty: there are only "
                f"{fitted.rows.train + fitted.rows.test} rows",
                file=file,
                fix="Bring more rows, or change split",
            )
    for part in (TRAIN, TEST) if settings.predictor_type == "binary_classifier" else ():
        rows, positives = getattr(fitted.rows, part), getattr(fitted.positives, part)
        if positives in (0, rows):
            raise InputError(
                f"the {part} part has one class only: {positives} of its {rows} labels are 1",
                file=file,
                column=label_column,
                fix=_NO_NEGATIVES if settings.ranks and positives else _ONE_CLASS,
            )
