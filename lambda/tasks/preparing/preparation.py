"""The preparation of a run: interactions in S3 to RecordIO, a manifest and a vocabulary in S3."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from contract import s3_layout
from data_prep import synthetic
from data_prep.errors import InputError
from data_prep.manifest import Manifest
from data_prep.preparation import prepare
from data_prep.sources.input_file import InputFile
from tasks.preparing.requests import prepare_settings
from tasks.preparing.size_limits import refuse_too_large
from tasks.preparing.training_time import Training
from tasks.run import run_files, s3, s3_files
from tasks.run.errors import InvalidInputError
from tasks.run.execution_input import ExecutionInput, Items, Source, Users
from tasks.run.run_paths import Run

_LAB_FILE = "lab.csv"


def prepare_run(
    execution_input: ExecutionInput,
    run: Run,
    seconds: float,
    progress: Callable[[str], None],
    training: Training | None = None,
) -> Manifest:
    """Prepare the interactions and leave the result in the run's data folder.

    The rows go to S3 as they are prepared; they become objects only when all is well.

    Args:
        execution_input: which interactions, and how to prepare them.
        run: whose folder the result goes to.
        seconds: until the function is stopped.
        progress: called with what is being done.
        training: the job that is to follow; None: it is known to fit.

    Raises:
        InvalidInputError: the interactions are missing, too large or damaged, or the settings
            contradict each other.
    """
    settings = prepare_settings(execution_input)
    data_uri = run.uri(s3_layout.DATA)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = folder / "data"
        sources = find_sources(execution_input.source, folder)
        items, users = find_table(execution_input.items), find_table(execution_input.users)
        refuse_too_large(sources, settings, seconds, shutil.disk_usage(folder).free, training)
        with s3_files.uploads(data_uri) as open_part:
            try:
                manifest = prepare(
                    sources,
                    data,
                    settings,
                    items=items,
                    users=users,
                    progress=progress,
                    open_part=open_part,
                )
            except InputError as error:
                raise InvalidInputError(str(error)) from error
        s3.upload_folder(data, data_uri)
    return manifest


def prepared_manifest(run: Run) -> Manifest:
    """Return the manifest that `prepare_run` left in the run's data folder.

    Raises:
        InvalidInputError: it is missing.
        InputError: it is damaged.
    """
    with tempfile.TemporaryDirectory() as name:
        return run_files.fetch_manifest(run, Path(name))


def find_sources(source: Source | None, folder: Path) -> Sequence[InputFile]:
    """Return the files with the interactions; without a source, the lab's synthetic ones.

    Args:
        source: an object, or a prefix with all objects below it when the URI ends in a slash.
        folder: where the synthetic interactions are written.

    Raises:
        InvalidInputError: there is no such object.
    """
    if source is None:
        synthetic.lab(folder / _LAB_FILE)
        return [folder / _LAB_FILE]
    return s3_files.stored_files(source.uri)


def find_table(table: Items | Users | None) -> Sequence[InputFile]:
    """Return the files of a table beside the interactions; without a table, none.

    Raises:
        InvalidInputError: there is no such object.
    """
    return [] if table is None else s3_files.stored_files(table.uri)
