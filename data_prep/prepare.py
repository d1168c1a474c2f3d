"""Interactions to training data: read, split, fit the vocabulary, shuffle, encode, write."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from data_prep import manifest as manifests
from data_prep.emit import Emitter
from data_prep.errors import InputError
from data_prep.ingest import BLOCK_BYTES, USER, Ingest, Progress
from data_prep.manifest import Fingerprints, Manifest, SourceFile
from data_prep.settings import PrepareSettings
from data_prep.split import Splitter


def prepare(
    sources: Sequence[Path],
    out: Path,
    settings: PrepareSettings,
    *,
    progress: Progress | None = None,
    block_bytes: int = BLOCK_BYTES,
) -> Manifest:
    """Write train.recordio, test.recordio, manifest.json and vocabulary/ into directory `out`.

    sources: files, or directories of which every file is read, in the order of their names.
    progress: called with a line of text as the work goes on. block_bytes: the text read at once;
    the output does not depend on it.

    `out` appears when everything is written, and replaces an earlier preparation. Memory is
    bounded by the vocabulary and a fixed number of rows. Raises InputError, naming file, line,
    column and value, for input that must not become a model; then nothing is written.
    """
    tell = progress or (lambda _: None)
    paths = _files(sources)
    with _aside(out) as work, ThreadPoolExecutor(1) as background:
        hashes = background.submit(lambda: tuple(_fingerprint(path) for path in paths))
        scratch = work / "scratch"
        scratch.mkdir()
        ingest = Ingest(settings, scratch / "rows", tell)
        spool, columns = ingest.read(paths, block_bytes)
        tell(f"Splitting {spool.rows:,} rows ({settings.split.strategy})")
        splitter = Splitter(spool, settings.split, USER, len(ingest.codes[USER]))
        emitter = Emitter(work, spool, splitter, ingest.codes, settings, tell)
        emitter.check(str(paths[0]), columns.label)
        emitter.write(columns, scratch)
        shutil.rmtree(scratch)
        manifest = Manifest(
            feature_dim=emitter.feature_dim,
            predictor_type=settings.predictor_type,
            columns=columns,
            label=settings.label,
            min_count=settings.min_count,
            fields=emitter.fields,
            rows=emitter.rows,
            positives=emitter.positives,
            split=settings.split,
            fingerprints=Fingerprints(sources=hashes.result(), settings=_settings_hash(settings)),
        )
        manifest.save(work)
    tell(f"Wrote {manifest.rows.train:,} training and {manifest.rows.test:,} test rows")
    return manifest


def _files(sources: Sequence[Path]) -> list[Path]:
    files: list[Path] = []
    for source in sources:
        inside = sorted(source.iterdir()) if source.is_dir() else [source]
        files += [path for path in inside if path.is_file() and path.name[0] not in "._"]
        if not source.exists():
            raise InputError("there is no such file", file=str(source))
    if not files:
        raise InputError("there is no file to read", file=str(sources[0]) if sources else None)
    return files


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


def _fingerprint(path: Path) -> SourceFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return SourceFile(name=path.name, size=path.stat().st_size, sha256=digest)


def _settings_hash(settings: PrepareSettings) -> str:
    return hashlib.sha256(settings.model_dump_json().encode()).hexdigest()
