"""The package's face: what most callers need, behind an import that needs numpy alone."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

import fm
from data_prep.preparation import prepare
from data_prep.settings import PrepareSettings
from data_prep.synthetic import PlantedFM

ROOT = Path(fm.__file__).parents[1]


def test_every_name_of_the_face_is_there_and_documented() -> None:
    assert fm.__doc__ is not None
    for name in fm.__all__:
        assert hasattr(fm, name), name
    functions = set(fm.__all__) - {"ArtifactError"}  # which the functions' docstrings name
    assert {name for name in functions if f"`{name}`" not in fm.__doc__} == set()


def test_a_model_is_written_read_scored_and_asked_for_items(
    tmp_path: Path, model: fm.Model, rows: Any
) -> None:
    fm.write_artifact(tmp_path / "model.tar.gz", model)
    same = fm.read_artifact(tmp_path / "model.tar.gz")
    np.testing.assert_array_equal(fm.scores(same, rows), fm.scores(model, rows))
    items, scores = fm.ItemBlock(same, rows).top_n(rows[:3], 2)
    assert items.shape == scores.shape == (3, 2)


def test_the_import_needs_neither_scipy_nor_pyarrow_nor_boto3() -> None:
    command = "import sys, fm; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert {"fm", "numpy"} <= loaded
    assert loaded & {"scipy", "pyarrow", "boto3", "botocore", "sklearn", "pydantic"} == set()


def test_the_documents_example_runs(tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.+?)```", (ROOT / "docs/engine.md").read_text(), re.S)
    PlantedFM(users=40, items=50, interactions=900).write(tmp_path / "planted.csv")
    manifest = prepare([tmp_path / "planted.csv"], tmp_path / "prepared", PrepareSettings())
    rng = np.random.default_rng(1)
    linear, factors = (
        rng.normal(size=manifest.feature_dim),
        rng.normal(size=(manifest.feature_dim, 3)),
    )
    model = fm.Model(0.0, linear.astype(np.float32), factors.astype(np.float32), fm.BINARY)
    fm.write_artifact(tmp_path / "model.tar.gz", model)
    done = subprocess.run(
        [sys.executable, "-c", example],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(done.stdout.splitlines()) == 11
