"""The public face of the library: what is imported from where, and what that loads."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import data_prep
from data_prep import recordio
from data_prep.synthetic import PlantedFM

ROOT = Path(data_prep.__file__).parent.parent
PAGE = (ROOT / "docs/data_prep.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def modules_loaded_by(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    return set(run.stdout.decode().split())


@pytest.mark.parametrize("statement", ["import data_prep", "import data_prep.recordio"])
def test_reading_and_writing_recordio_load_neither_pyarrow_nor_pydantic(statement: str) -> None:
    assert not modules_loaded_by(statement) & {"pyarrow", "pydantic"}


def test_the_names_of_the_face_are_those_of_its_rooms() -> None:
    assert data_prep.__all__ == ["Encoder", "InputError", "Manifest", "PrepareSettings", "prepare"]
    for name in data_prep.__all__:
        assert getattr(data_prep, name).__name__ == name
    assert recordio.__all__ == ["read", "read_batches", "write"]


def test_a_name_that_the_face_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'generate'"):
        _ = data_prep.generate  # type: ignore[attr-defined]


def test_the_examples_of_the_documentation_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(EXAMPLES) >= 3
    PlantedFM(users=60, items=40, interactions=900).write(tmp_path / "planted.csv")
    header, *rows = (tmp_path / "planted.csv").read_text().splitlines()
    stars = [",".join([*row.split(",")[:2], str(1 + n % 5), "1"]) for n, row in enumerate(rows)]
    header = header.replace("interaction", "rating")
    (tmp_path / "ratings.csv").write_text("\n".join([header, *stars, ""]))
    films = [f"{n},Film {n} (1995),Comedy|Romance" for n in range(40)]
    (tmp_path / "movies.csv").write_text("\n".join(["movieId,title,genres", *films, ""]))
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for example in EXAMPLES:
        exec(example, names)  # noqa: S102 - one after the other, as a reader would
