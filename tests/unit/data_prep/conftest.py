"""Tables to prepare, as files."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from data_prep.manifest import Manifest
from data_prep.preparation import prepare
from data_prep.settings import PrepareSettings
from data_prep.synthetic import PlantedFM
from tests.unit.data_prep.side_features import COLUMNS, HEADER, TIME, rows

Table = Callable[..., Path]
Prepare = Callable[..., Manifest]


@pytest.fixture
def table(tmp_path: Path) -> Table:
    """Write lines (or bytes) to a file and return its path."""

    def write(content: Sequence[str] | bytes, name: str = "ratings.csv") -> Path:
        path = tmp_path / name
        raw = content if isinstance(content, bytes) else ("\n".join(content) + "\n").encode()
        path.write_bytes(raw)
        return path

    return write


@pytest.fixture
def prepared(tmp_path: Path) -> Prepare:
    """Prepare sources into tmp_path / "out", with settings given by name."""

    def run(
        *sources: Path,
        out: str = "out",
        block_bytes: int = 1 << 24,
        item_files: Sequence[Path] = (),
        user_files: Sequence[Path] = (),
        progress: Callable[[str], None] | None = None,
        **settings: object,
    ) -> Manifest:
        return prepare(
            sources,
            tmp_path / out,
            PrepareSettings.model_validate(settings),
            items=item_files,
            users=user_files,
            progress=progress,
            block_bytes=block_bytes,
        )

    return run


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small planted table: 4000 interactions of 60 users and 200 items, with timestamps."""
    path = tmp_path_factory.mktemp("planted") / "planted.csv"
    PlantedFM(users=60, items=200, interactions=4000, seed=3).write(path)
    return path


@pytest.fixture
def out(prepared: Prepare, table: Table, tmp_path: Path) -> Path:
    """Prepare the table with side features, and return where it is."""
    prepared(table([HEADER, *(",".join(row) for row in rows())]), columns=COLUMNS, split=TIME)
    return tmp_path / "out"
