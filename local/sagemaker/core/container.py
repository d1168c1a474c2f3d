"""Runs the FM container as a group of processes, over a folder laid out like /opt/ml."""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

from local.process_group import ProcessGroup
from local.sagemaker.core import settings

STOP_GRACE_SECONDS = 120.0


class Container:
    """One container: a folder and, once started, a group of processes.

    Args:
        root: the folder that the container sees as /opt/ml; the container owns it.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._group = ProcessGroup()

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
        self._group.start(
            settings.container_command(*arguments, "--root", str(self.root)),
            folder=settings.REPOSITORY,
            environment=settings.container_environment(**environment),
            notes=settings.process_groups(),
            on_line=on_line,
        )

    def wait(self, timeout: float | None = None) -> int | None:
        """Return the exit code, or None if the container still runs after `timeout` seconds."""
        code = self._group.wait(timeout)
        if code is not None:
            self._group.kill()
        return code

    def exit_code(self) -> int | None:
        """Return the exit code, or None if the container has not ended."""
        return self._group.exit_code()

    def stop(self, grace: float = STOP_GRACE_SECONDS) -> None:
        """Send SIGTERM to the first process, and after `grace` seconds SIGKILL to all."""
        if self._group.exit_code() is None:
            self._group.stop(grace)

    def remove(self) -> None:
        """End the processes at once and delete the folder."""
        self.stop(grace=0)
        shutil.rmtree(self.root, ignore_errors=True)
