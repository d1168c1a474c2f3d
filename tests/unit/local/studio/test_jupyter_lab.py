"""The processes of an app: scripts within a time limit, a server, and an end to all of them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import layout
from local.studio import jupyter_lab
from local.studio.jupyter_lab import AppEndedError, JupyterLab, OpeningError


@pytest.fixture
def lines() -> list[str]:
    """What scripts have written."""
    return []


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """The folder of the running process groups."""
    return layout.process_groups(tmp_path)


@pytest.fixture
def app(tmp_path: Path, notes: Path) -> Iterator[JupyterLab]:
    """An app whose home is a folder `home`."""
    home = tmp_path / "home"
    home.mkdir()
    started = JupyterLab(home, {"PATH": os.environ["PATH"]}, notes, lambda _: None)
    yield started
    started.stop()


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The path of JupyterLab in an image that has none yet."""
    monkeypatch.setattr(jupyter_lab, "IMAGE", tmp_path / "build" / "image")
    path = tmp_path / "build" / "image" / "bin" / "jupyter-lab"
    path.parent.mkdir(parents=True)
    return path


def run(app: JupyterLab, script: str, lines: list[str], seconds: float = 30.0) -> int | None:
    return app.run_script(script.encode(), lines.append, lambda: None, seconds)


def test_a_script_runs_in_the_home_folder(app: JupyterLab, lines: list[str]) -> None:
    assert run(app, "#!/bin/bash\npwd\necho wrong >&2\nexit 7\n", lines) == 7
    assert [Path(lines[0]).name, *lines[1:]] == ["home", "wrong"]


def test_a_script_without_an_interpreter_is_run_by_sh(app: JupyterLab, lines: list[str]) -> None:
    assert run(app, "echo hello\n", lines) == 0
    assert lines == ["hello"]


def test_a_script_with_carriage_returns_does_not_run(app: JupyterLab, lines: list[str]) -> None:
    assert run(app, "#!/bin/bash\r\necho hello\r\n", lines) in (126, 127)
    assert "o such file" in lines[0]


def test_a_script_that_takes_too_long_is_ended(
    app: JupyterLab, lines: list[str], notes: Path
) -> None:
    assert run(app, "#!/bin/bash\necho begins\nsleep 1000\n", lines, seconds=0.2) is None
    assert lines == ["begins"]
    assert list(notes.iterdir()) == []


def test_what_a_script_leaves_in_the_background_goes_on_until_the_app_ends(
    app: JupyterLab, lines: list[str], notes: Path
) -> None:
    assert run(app, "#!/bin/bash\nsleep 1000 > /dev/null 2>&1 &\n", lines) == 0
    (note,) = notes.iterdir()
    os.killpg(int(note.name), 0)
    app.stop()
    assert list(notes.iterdir()) == []


def test_a_script_that_leaves_nothing_is_not_noted_any_more(
    app: JupyterLab, lines: list[str], notes: Path
) -> None:
    run(app, "#!/bin/bash\ntrue\n", lines)
    assert list(notes.iterdir()) == []


def test_an_app_that_has_ended_starts_nothing(app: JupyterLab, lines: list[str]) -> None:
    app.stop()
    with pytest.raises(AppEndedError):
        run(app, "#!/bin/bash\necho hello\n", lines)
    assert lines == []


def test_without_jupyterlab_the_error_says_how_it_is_installed(
    app: JupyterLab, program: Path
) -> None:
    with pytest.raises(OpeningError, match=r"not installed in build/image: .*`make lab`"):
        app.open()


def test_a_server_that_ends_at_once_is_told_with_its_last_lines(
    app: JupyterLab, program: Path
) -> None:
    program.write_text("#!/bin/sh\necho no more disk space\nexit 1\n")
    program.chmod(0o700)
    with pytest.raises(OpeningError, match="did not start: no more disk space"):
        app.open()
