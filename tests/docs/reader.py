"""Someone who types what a page shows, in a clean checkout, signed in to an account."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from tests.docs.pages import ROOT, Command, not_printed
from tests.unit import house

_SECONDS = 1200  # of a command on a busy machine
# What runs until it is ended; it is up when it has printed what the page shows.
FOREGROUND = ("make account", ".venv/bin/python -m local.fm_container serve")


class Reader:
    """Types commands into a shell.

    Args:
        folder: the checkout.
        environment: the variables for AWS clients.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        own = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "MAKE", "PYTEST_", "PYTHONPATH"))
        }
        self.folder = folder
        wide = {"BROWSER": "true", "COLUMNS": "160"}  # no line is wrapped
        self._environment = {**own, **environment, **wide}

    def type(self, command: Command) -> str:
        """Run a command and return what it printed; one that does not end by itself is ended.

        Raises:
            AssertionError: it failed.
        """
        if command.text.startswith(FOREGROUND):
            return self._start_and_end(command)
        return self.run("bash", "-c", command.text, place=command.place)

    def run(self, *command: str, place: str) -> str:
        """Run what is on a page as a program, and return what it printed.

        Raises:
            AssertionError: it failed.
        """
        done = subprocess.run(
            command, cwd=self.folder, env=self._environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False, timeout=_SECONDS,
        )  # fmt: skip
        assert done.returncode == 0, f"{place}: {' '.join(command)}\n{done.stdout}"
        return done.stdout

    def _start_and_end(self, command: Command) -> str:
        """Start a command, end it once it is up, and return what it printed."""
        with tempfile.TemporaryFile("w+") as output:
            process = subprocess.Popen(
                ["bash", "-c", command.text], cwd=self.folder, env=self._environment,
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
            deadline, printed = time.monotonic() + _SECONDS, ""
            while not_printed(command.shown, printed) and time.monotonic() < deadline:
                assert process.poll() is None, f"{command.place}: it ended\n{printed}"
                time.sleep(0.1)
                output.seek(0)
                printed = output.read()
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(timeout=60)
            return printed


def check_out(folder: Path) -> None:
    """Copy the repository as git has it, beside what `make setup` has installed."""
    for path in house.files():
        copy = folder / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)  # with its time: make compares it with that of the packages
    (folder / "build").mkdir()
    for installed in (ROOT / ".venv", ROOT / "node_modules", *(ROOT / "build").iterdir()):
        if installed.is_dir() and installed.name != "cdk.out":
            (folder / installed.relative_to(ROOT)).symlink_to(installed.resolve())
