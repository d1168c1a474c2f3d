"""Interactions to training data: read, split, learn the vocabulary, shuffle, encode, write."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from contract.s3_layout import MANIFEST_FILE, VOCABULARY_FOLDER
from data_prep.column_settings import Columns
from data_prep.errors import InputError
from data_prep.held_out import write_strangers
from data_prep.manifest import Files, Fingerprints, Manifest, SourceFile, TableName, Tables
from data_prep.pipeline.batches import BLOCK_BYTES
from data_prep.pipeline.ingest import Progress
from data_prep.pipeline.label import Labelled, label
from data_prep.pipeline.spool import USER
from data_prep.pipeline.write_parts import OpenPart, test_file, training_files, write_parts
from data_prep.pipeline.write_vocabulary import write_histories, write_vocabulary
from data_prep.settings import PrepareSettings
from data_prep.size_plan import SizePlan
from data_prep.sources.input_file import InputFile, Sources, files_of, listed


@dataclass(frozen=True)
class Rehearsal:
    """What a preparation would find.

    Attributes:
        columns: the column of each role.
        rows: the interactions.
        tables: how the tables beside them were joined.
        plan: the size of the training data; None unless the purpose is ranking.
    """

    columns: Columns
    rows: int
    tables: Tables
    plan: SizePlan | None


def prepare(
    sources: Sources,
    out: Path,
    settings: PrepareSettings,
    *,
    items: Sources = (),
    users: Sources = (),
    progress: Progress | None = None,
    block_bytes: int = BLOCK_BYTES,
    open_part: OpenPart | None = None,
) -> Manifest:
    """Write train.recordio, test.recordio, manifest.json and vocabulary/ into directory `out`.

    Beside them are the held-out interactions (`data_prep.held_out`). `out` appears when everything
    is written, and replaces an earlier preparation. Memory is bounded by the vocabulary, a fixed
    number of rows, and the tables of items and users.

    Args:
        sources: files, directories of which every file is read, in the order of their names, or
            frames: DataFrames, and whatever else is an Arrow stream. One, or several.
        out: the directory to write.
        settings: everything that can be set.
        items: those of a table of items, joined to the interactions by the id.
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
        labelled = label(files, table_files, settings, scratch, block_bytes, report)
        fitted = labelled.fitted
        report(f"Writing {fitted.rows.train:,} training and {fitted.rows.test:,} test rows")
        write_vocabulary(work, labelled.interactions.codes, fitted, labelled.interactions.titles)
        if labelled.histories is not None:
            write_histories(work, labelled.histories, fitted)
        strangers = fitted.vocabularies[USER].indices(np.flatnonzero(labelled.strangers))
        write_strangers(work, strangers[strangers >= 0])
        write_parts(
            open_part or (lambda name: (work / name).open("wb", buffering=0)),
            work / VOCABULARY_FOLDER,
            labelled.blocks,
            fitted,
            settings.split.seed,
            settings.shards,
        )
        shutil.rmtree(scratch)
        fingerprints = Fingerprints(
            sources=hashes.result(), settings=_settings_hash(settings), **table_hashes.result()
        )
        manifest = _manifest(settings, labelled, fingerprints)
        manifest.save(work)
    report(f"Wrote {out}")
    return manifest


def rehearse(
    sources: Sources,
    settings: PrepareSettings,
    *,
    items: Sources = (),
    users: Sources = (),
    block_bytes: int = BLOCK_BYTES,
) -> Rehearsal:
    """Do what `prepare` does up to the writing, and keep nothing: every refusal is met here.

    Args:
        sources: as for `prepare`.
        settings: everything that can be set.
        items: as for `prepare`.
        users: as for `prepare`.
        block_bytes: the text read at once.

    Raises:
        InputError: `prepare` would refuse the input.
    """
    table_files = _table_files({"items": items, "users": users}, settings)
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        labelled = label(files_of(sources), table_files, settings, scratch, block_bytes, _ignore)
        interactions = labelled.interactions
        return Rehearsal(
            interactions.columns, interactions.rows, interactions.tables, labelled.plan
        )


def _ignore(_: str) -> None:
    pass


def _table_files(
    sources: Mapping[TableName, Sources], settings: PrepareSettings
) -> dict[TableName, list[InputFile]]:
    """Return the files of the tables that are given."""
    given = {name: of_table for name, of_table in sources.items() if len(listed(of_table))}
    for name in sources:
        if getattr(settings, name) is not None and name not in given:
            raise InputError(
                f"there are settings for a table of {name}, and no such table",
                fix=f"Give the files of the table, or leave the setting {name!r} out",
            )
    return {name: files_of(of_table, name) for name, of_table in given.items()}


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


def _manifest(
    settings: PrepareSettings, labelled: Labelled, fingerprints: Fingerprints
) -> Manifest:
    fitted, plan = labelled.fitted, labelled.plan
    return Manifest(
        feature_dim=fitted.feature_dim,
        purpose=settings.purpose,
        predictor_type=settings.predictor_type,
        columns=labelled.interactions.columns,
        label=settings.label,
        min_count=settings.min_count,
        duplicates=settings.duplicates,
        negatives=plan.negatives if plan else settings.negatives,
        history=plan.history if plan else None,
        most_positives=plan.most_positives if plan else None,
        split=settings.split,
        fields=fitted.fields,
        rows=fitted.rows,
        positives=fitted.positives if settings.predictor_type == "binary_classifier" else None,
        sampled=fitted.sampled,
        non_zeros=plan.non_zeros if plan else None,
        tables=labelled.interactions.tables,
        files=Files(train=training_files(settings.shards), test=(test_file(),)),
        fingerprints=fingerprints,
    )


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
