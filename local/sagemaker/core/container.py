"""Runs the FM container as a group of processes, over a folder laid out like /opt/ml."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

from local.sagemaker.core import settings

STOP_GRACE_SECONDS = 120.0


class Container:
    """One container: a folder and, once started, a group of processes.

    The group is noted in the account's folder, so that it ends with the account at the latest.

    Args:
        root: the folder that the container sees as /opt/ml; the container owns it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    @classmethod
    def create(cls, name: str) -> Self:
        """Make a container with an empty folder of its own, which `remove` deletes."""
        return cls(Path(tempfile.mkdtemp(prefix=f"container-{name}-")))

    def start(
        self, *arguments: str, environment: Mapping[str, str], on_line: Callable[[str], None]
    ) -> None:
        """Start the FM container over `root`.

        Args:
            arguments: of the container's command, `train` or `serve` with options.
            environment: variables besides those that every container has.
            on_line: called with each line that the container writes.
        """
        self._process = subprocess.Popen(  # noqa: S603
            settings.container_command(*arguments, "--root", str(self.root)),
            cwd=settings.REPOSITORY,
            env=settings.container_environment(**environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        settings.note_group(self._process.pid)
        self._reader = threading.Thread(target=self._read, args=(on_line,), daemon=True)
        self._reader.start()

    def wait(self, timeout: float | None = None) -> int | None:
        """Return the exit code, or None if the container still runs after `timeout` seconds."""
        if self._process is None or self._reader is None:
            return None
        try:
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None
        self._kill_group()
        self._reader.join()
        return code

    def exit_code(self) -> int | None:
        """Return the exit code, or None if the container has not ended."""
        return None if self._process is None else self._process.poll()

    def stop(self, grace: float = STOP_GRACE_SECONDS) -> None:
        """Send SIGTERM to the first process, and after `grace` seconds SIGKILL to all."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        if self.wait(grace) is None:
            self._kill_group()
            self.wait()

    def remove(self) -> None:
        """End the processes at once and delete the folder."""
        self.stop(grace=0)
        shutil.rmtree(self.root, ignore_errors=True)

    def _kill_group(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            settings.forget_group(self._process.pid)

    def _read(self, on_line: Callable[[str], None]) -> None:
        if self._process is None or self._process.stdout is None:
            return
        for line in self._process.stdout:
            on_line(line.rstrip("\n"))
