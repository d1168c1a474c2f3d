"""Processes that a command starts, which end together, and with the account at the latest."""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


class ProcessGroup:
    """A command that runs, with all that it starts, as one process group."""

    def __init__(self) -> None:
        self._note = Path()
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    def start(
        self,
        command: Sequence[str],
        *,
        folder: Path,
        environment: Mapping[str, str],
        notes: Path,
        on_line: Callable[[str], None],
    ) -> None:
        """Start the command.

        Args:
            command: program and arguments.
            folder: where it starts.
            environment: all of its environment variables.
            notes: the folder in which running groups are noted, `layout.process_groups`.
            on_line: called with each line that the group writes.
        """
        self._process = subprocess.Popen(  # noqa: S603
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        notes.mkdir(exist_ok=True)
        self._note = notes / str(self._process.pid)
        self._note.touch()
        self._reader = threading.Thread(target=self._read, args=(on_line,), daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int | None:
        """The id of the first process, which is also the group's; None before `start`."""
        return None if self._process is None else self._process.pid

    def exit_code(self) -> int | None:
        """Return the exit code of the first process, or None if it has not ended."""
        return None if self._process is None else self._process.poll()

    def wait(self, timeout: float | None = None) -> int | None:
        """Return the exit code of the first process, or None if it runs after `timeout` seconds."""
        if self._process is None:
            return None
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    def settle(self, seconds: float) -> None:
        """Take what was written last, for so long at most, and forget a group that has ended."""
        if self._process is None or self._reader is None:
            return
        self._reader.join(seconds)
        try:
            os.killpg(self._process.pid, 0)
        except ProcessLookupError:
            self._reader = None
            self._note.unlink(missing_ok=True)

    def stop(self, grace: float) -> None:
        """Send SIGTERM to the first process, and after `grace` seconds SIGKILL to all."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self.wait(grace)
        self.kill()

    def kill(self) -> None:
        """End every process of the group at once, and return when their last line is read."""
        reader, self._reader = self._reader, None
        if self._process is None or reader is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._note.unlink(missing_ok=True)
        reader.join()

    def _read(self, on_line: Callable[[str], None]) -> None:
        if self._process is None or self._process.stdout is None:
            return
        for line in self._process.stdout:
            on_line(line.rstrip("\n"))
