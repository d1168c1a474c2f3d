"""The configuration that the platform provides."""

from pathlib import Path
from typing import Any

import pytest

from tests.unit.local.fm_container.conftest import (
    Run,
    encoded,
    failure,
    write_root,
)


@pytest.mark.parametrize("name", ["hyperparameters", "inputdataconfig", "resourceconfig"])
@pytest.mark.parametrize("content", [None, "{", "[]"])
def test_a_missing_or_broken_configuration_is_the_platform_s_error(
    run: Run, tmp_path: Path, data: Any, name: str, content: str | None
) -> None:
    opt_ml = write_root(tmp_path, encoded(*data))
    path = tmp_path / "input" / "config" / f"{name}.json"
    path.unlink()
    if content is not None:
        path.write_text(content)
    code, _ = run(opt_ml)
    assert code == 3
    assert failure(tmp_path).startswith("Platform Error: ")
