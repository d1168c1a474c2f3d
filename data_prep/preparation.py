"""Interactions to training data: read, split, fit the vocabulary, shuffle, encode, write."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from data_prep import manifest as manifests
from data_prep.errors import InputError
from data_prep.manifest import Files, Fingerprints, Manifest, SourceFile
from data_prep.pipeline.batches import BLOCK_BYTES
from data_prep.pipeline.duplicates import merged, with_threshold
from data_prep.pipeline.fields import ITEM, USER
from data_prep.pipeline.fit import Fitted, fit
from data_prep.pipeline.ingest import Ingest, Progress
from data_prep.pipeline.labelled_blocks import Division, WithNegatives
from data_prep.pipeline.split import Splitter
from data_prep.pipeline.write_parts import (
    TEST,
    TRAIN,
    OpenPart,
    test_file,
    training_files,
    write_parts,
    write_vocabulary,
)
from data_prep.settings import PrepareSettings
from data_prep.sources.input_file import InputFile, files_of


def prepare(
    sources: Sequence[InputFile],
    out: Path,
    settings: PrepareSettings,
    *,
    progress: Progress | None = None,
    block_bytes: int = BLOCK_BYTES,
    open_part: OpenPart | None = None,
) -> Manifest:
    """Write train.recordio, test.recordio, manifest.json and vocabulary/ into directory `out`.

    sources: files, or directories of which every file is read, in the order of their names.
    progress: called with a line of text as the work goes on. block_bytes: the text read at once;
    the output does not depend on it. open_part: opens the RecordIO files, by their names, where
    they are not to be written into `out`.

    `out` appears when everything is written, and replaces an earlier preparation. Memory is
    bounded by the vocabulary and a fixed number of rows. Raises InputError, naming file, line,
    column and value, for input that must not become a model; then nothing is written.
    """
    tell = progress or (lambda _: None)
    paths = files_of(sources)
    with _aside(out) as work, ThreadPoolExecutor(1) as background:
        hashes = background.submit(lambda: tuple(_fingerprint(path) for path in paths))
        scratch = work / "scratch"
        scratch.mkdir()
        ingest = Ingest(paths, settings, tell)
        division = _divided(ingest, settings, scratch, block_bytes, tell)
        fitted = fit(division, ingest.fields, ingest.codes, settings.min_count)
        _check(fitted, settings, str(paths[0]), ingest.columns.label)
        tell(f"Writing {fitted.rows.train:,} training and {fitted.rows.test:,} test rows")
        write_vocabulary(work, ingest.fields, ingest.codes, fitted)
        write_parts(
            open_part or _opener(work), work, division, fitted, settings.split.seed, settings.shards
        )
        shutil.rmtree(scratch)
        manifest = _manifest(settings, ingest, fitted, hashes.result())
        manifest.save(work)
    tell(f"Wrote {out}")
    return manifest


def _divided(
    ingest: Ingest, settings: PrepareSettings, scratch: Path, block_bytes: int, tell: Progress
) -> Division:
    """The interactions, read, without duplicates, split, and with sampled negatives."""
    spool = ingest.read(scratch / "rows", block_bytes)
    if settings.duplicates != "keep":
        tell("Merging duplicates")
        spool = merged(spool, scratch / "merged", settings.duplicates == "sum")
    if settings.duplicates == "sum" and settings.label.positive_at_least is not None:
        spool = with_threshold(spool, scratch / "labelled", settings.label.positive_at_least)
    tell(f"Splitting {spool.rows:,} rows ({settings.split.strategy})")
    splitter = Splitter(spool, settings.split, USER, len(ingest.codes[USER]))
    division = Division(spool, splitter)
    if settings.negatives is None:
        return division
    tell("Sampling negatives")
    return WithNegatives(
        division,
        scratch / "sampled",
        ingest.fields,
        len(ingest.codes[ITEM]),
        settings.negatives,
        settings.split.seed,
    )


def _check(fitted: Fitted, settings: PrepareSettings, file: str, column: str | None) -> None:
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
                column=column,
                fix="A classifier needs both: look at the labels, label.positive_at_least, split "
                "and negatives",
            )


def _manifest(
    settings: PrepareSettings, ingest: Ingest, fitted: Fitted, hashes: tuple[SourceFile, ...]
) -> Manifest:
    return Manifest(
        feature_dim=fitted.feature_dim,
        predictor_type=settings.predictor_type,
        columns=ingest.columns,
        label=settings.label,
        min_count=settings.min_count,
        duplicates=settings.duplicates,
        negatives=settings.negatives,
        split=settings.split,
        fields=fitted.fields,
        rows=fitted.rows,
        positives=fitted.positives if settings.predictor_type == "binary_classifier" else None,
        sampled=fitted.sampled,
        files=Files(train=training_files(settings.shards), test=(test_file(),)),
        fingerprints=Fingerprints(sources=hashes, settings=_settings_hash(settings)),
    )


def _opener(directory: Path) -> OpenPart:
    return lambda name: (directory / name).open("wb", buffering=0)


@contextmanager
def _aside(out: Path) -> Iterator[Path]:
    """A directory beside `out` that takes its place when the block ends without an error."""
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
    return (directory / manifests.FILE).exists()


def _fingerprint(path: InputFile) -> SourceFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return SourceFile(name=path.name, size=file.tell(), sha256=digest)


def _settings_hash(settings: PrepareSettings) -> str:
    given = settings.model_dump(mode="json")
    if settings.columns is not None:  # a role that is null differs from one that is not named
        given["columns"] = settings.columns.model_dump(mode="json", exclude_unset=True)
    return hashlib.sha256(json.dumps(given).encode()).hexdigest()
