"""Interactions to training data: read, split, learn the vocabulary, shuffle, encode, write."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from contract.s3_layout import MANIFEST_FILE, VOCABULARY_FOLDER
from data_prep.errors import InputError
from data_prep.manifest import Files, Fingerprints, Manifest, SourceFile, TableName
from data_prep.pipeline.batches import BLOCK_BYTES
from data_prep.pipeline.duplicates import apply_threshold, merge_duplicates
from data_prep.pipeline.fit import Fitted, fit
from data_prep.pipeline.ingest import Interactions, Progress, ingest
from data_prep.pipeline.labelled_blocks import LabelledBlocks, SplitBlocks
from data_prep.pipeline.negatives import add_negatives
from data_prep.pipeline.split import choose_test_rows
from data_prep.pipeline.spool import ITEM, USER, Spool
from data_prep.pipeline.write_parts import (
    TEST,
    TRAIN,
    OpenPart,
    test_file,
    training_files,
    write_parts,
)
from data_prep.pipeline.write_vocabulary import write_vocabulary
from data_prep.settings import PrepareSettings
from data_prep.sources.input_file import InputFile, files_of


def prepare(
    sources: Sequence[InputFile],
    out: Path,
    settings: PrepareSettings,
    *,
    items: Sequence[InputFile] = (),
    users: Sequence[InputFile] = (),
    progress: Progress | None = None,
    block_bytes: int = BLOCK_BYTES,
    open_part: OpenPart | None = None,
) -> Manifest:
    """Write train.recordio, test.recordio, manifest.json and vocabulary/ into directory `out`.

    `out` appears when everything is written, and replaces an earlier preparation. Memory is
    bounded by the vocabulary, a fixed number of rows, and the tables of items and users.

    Args:
        sources: files, or directories of which every file is read, in the order of their names.
        out: the directory to write.
        settings: everything that can be set.
        items: files or directories of a table of items, joined to the interactions by the id.
        users: those of a table of users, likewise.
        progress: called with a line of text as the work goes on.
        block_bytes: the text read at once; the output does not depend on it.
        open_part: opens the RecordIO files for writing, by their names, where they are not to be
            written into `out`.

    Returns:
        The manifest, which is in `out` as well.

    Raises:
        InputError: the input must not become training data, with file, line, column and value, or
            `out` is something else than an earlier preparation. Nothing is written then.
    """
    report = progress or _ignore
    files = files_of(sources)
    table_files = _table_files({"items": items, "users": users}, settings)
    with _replacing(out) as work, ThreadPoolExecutor(1) as background:
        hashes = background.submit(_fingerprints, files)
        table_hashes = background.submit(
            lambda: {name: _fingerprints(files) for name, files in table_files.items()}
        )
        scratch = work / "scratch"
        scratch.mkdir()
        interactions = ingest(files, table_files, settings, scratch / "rows", block_bytes, report)
        spool = _without_duplicates(interactions.spool, settings, scratch, report)
        blocks = _label(spool, interactions, settings, scratch, report)
        fitted = fit(blocks, interactions.fields, interactions.codes, settings.min_count)
        _check_parts(fitted, settings, str(files[0]), interactions.columns.label)
        report(f"Writing {fitted.rows.train:,} training and {fitted.rows.test:,} test rows")
        write_vocabulary(work, interactions.codes, fitted, interactions.titles)
        write_parts(
            open_part or (lambda name: (work / name).open("wb", buffering=0)),
            work / VOCABULARY_FOLDER,
            blocks,
            fitted,
            settings.split.seed,
            settings.shards,
        )
        shutil.rmtree(scratch)
        fingerprints = Fingerprints(
            sources=hashes.result(), settings=_settings_hash(settings), **table_hashes.result()
        )
        manifest = _manifest(settings, interactions, fitted, fingerprints)
        manifest.save(work)
    report(f"Wrote {out}")
    return manifest


def _ignore(_: str) -> None:
    pass


def _table_files(
    sources: Mapping[TableName, Sequence[InputFile]], settings: PrepareSettings
) -> dict[TableName, list[InputFile]]:
    """Return the files of the tables that are given."""
    for name, of_table in sources.items():
        if getattr(settings, name) is not None and not of_table:
            raise InputError(
                f"there are settings for a table of {name}, and no such table",
                fix=f"Give the files of the table, or leave the setting {name!r} out",
            )
    return {name: files_of(of_table) for name, of_table in sources.items() if of_table}


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


def _label(
    spool: Spool,
    interactions: Interactions,
    settings: PrepareSettings,
    scratch: Path,
    report: Progress,
) -> LabelledBlocks:
    """Split the rows, and add sampled negatives if the settings ask for them."""
    report(f"Splitting {spool.rows:,} rows ({settings.split.strategy})")
    users, items = (len(interactions.codes[key]) for key in (USER, ITEM))
    split = SplitBlocks(spool, choose_test_rows(spool, settings.split, users))
    if settings.negatives is None:
        return split
    report("Sampling negatives")
    path, seed = scratch / "sampled", settings.split.seed
    return add_negatives(split, path, interactions.fields, items, settings.negatives, seed)


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
                fix="A classifier needs both: look at the labels, label.positive_at_least, split "
                "and negatives",
            )


def _manifest(
    settings: PrepareSettings,
    interactions: Interactions,
    fitted: Fitted,
    fingerprints: Fingerprints,
) -> Manifest:
    return Manifest(
        feature_dim=fitted.feature_dim,
        predictor_type=settings.predictor_type,
        columns=interactions.columns,
        label=settings.label,
        min_count=settings.min_count,
        duplicates=settings.duplicates,
        negatives=settings.negatives,
        split=settings.split,
        fields=fitted.fields,
        rows=fitted.rows,
        positives=fitted.positives if settings.predictor_type == "binary_classifier" else None,
        sampled=fitted.sampled,
        tables=interactions.tables,
        files=Files(train=training_files(settings.shards), test=(test_file(),)),
        fingerprints=fingerprints,
    )


@contextmanager
def _replacing(out: Path) -> Iterator[Path]:
    """Make a directory beside `out` that takes its place when the block ends without an error."""
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not _is_preparation(out))):
        raise InputError(
            "is in the way: it is not an earlier preparation",
            file=str(out),
            fix="Name a directory that is empty or does not exist",
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        work.chmod(0o755)
        yield work
        if out.exists():
            shutil.rmtree(out)
        work.rename(out)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _is_preparation(directory: Path) -> bool:
    return (directory / MANIFEST_FILE).exists()


def _fingerprints(files: Sequence[InputFile]) -> tuple[SourceFile, ...]:
    return tuple(map(_fingerprint, files))


def _fingerprint(file: InputFile) -> SourceFile:
    with file.open("rb") as raw:
        digest = hashlib.file_digest(raw, "sha256").hexdigest()
        return SourceFile(name=file.name, size=raw.tell(), sha256=digest)


def _settings_hash(settings: PrepareSettings) -> str:
    values = settings.model_dump(mode="json")
    if settings.columns is not None:  # a role that is null differs from one that is not named
        values["columns"] = settings.columns.model_dump(mode="json", exclude_unset=True)
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()
