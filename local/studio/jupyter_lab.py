"""One JupyterLab app: its start-up scripts, and the server, started when somebody opens it."""

import contextlib
import json
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path

from local.process_group import ProcessGroup
from local.studio.environment import IMAGE, JUPYTER_DATA

SCRIPT_SECONDS = 300.0  # SageMaker's limit on a lifecycle configuration
POLL_SECONDS = 0.1
LAST_LINES_SECONDS = 1.0  # for what was written last, if processes are left that could write more
SERVER_SECONDS = 60.0
STOP_SECONDS = 5.0  # for the server to end its kernels, which have groups of their own
LOG_LINES_SHOWN = 5
OPTIONS = (
    "--no-browser",
    "--allow-root",
    "--ServerApp.ip=127.0.0.1",
    "--ServerApp.port=0",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.news_url=None",
)


class OpeningError(Exception):
    """A server that cannot be started; the message says why and what to do."""


class AppEndedError(Exception):
    """Nothing can be started in an app that has been stopped."""


class JupyterLab:
    """The processes of an app, from its first script until `stop`.

    Args:
        home: the home folder of its space, in which everything runs.
        environment: all of its environment variables, from `app_environment`.
        notes: the folder in which running groups are noted, `layout.process_groups`.
        on_line: called with each line of the server's log.
    """

    def __init__(
        self,
        home: Path,
        environment: Mapping[str, str],
        notes: Path,
        on_line: Callable[[str], None],
    ) -> None:
        self._home = home
        self._environment = environment
        self._notes = notes
        self._on_line = on_line
        self._opening = threading.Lock()
        self._lock = threading.Lock()  # around every start, and the end
        self._stopped = False
        self._groups: list[ProcessGroup] = []
        self._server: ProcessGroup | None = None
        self._last_lines: deque[str] = deque(maxlen=LOG_LINES_SHOWN)

    def run_script(
        self,
        content: bytes,
        on_line: Callable[[str], None],
        on_wait: Callable[[], None],
        seconds: float = SCRIPT_SECONDS,
    ) -> int | None:
        """Run a start-up script in the home folder, as an executable file.

        What it leaves in the background goes on until `stop`.

        Args:
            content: of the file.
            on_line: called with each line that the script writes.
            on_wait: called again and again while it runs.
            seconds: the time that it may take; then it is ended.

        Returns:
            The exit code, or None if the script took too long.

        Raises:
            AppEndedError: the app has been stopped.
        """
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "lifecycle_script.sh"
            path.write_bytes(content)
            path.chmod(0o700)
            # As SageMaker's own runner, env leaves a file without an interpreter's line to sh.
            group = self._start(["env", str(path)], on_line)
            deadline = time.monotonic() + seconds
            while (code := group.wait(POLL_SECONDS)) is None:
                on_wait()
                if time.monotonic() > deadline:
                    group.kill()
                    return None
        group.settle(LAST_LINES_SECONDS)
        return code

    def open(self) -> str:
        """Start the server, unless it runs, and return its URL with the token.

        Raises:
            OpeningError: JupyterLab is not installed, or does not start.
            AppEndedError: the app has been stopped.
        """
        program = IMAGE / "bin" / "jupyter-lab"
        if not program.exists():
            raise OpeningError(
                f"JupyterLab is not installed in {IMAGE.relative_to(IMAGE.parents[1])}: open the "
                "app with `make lab`, which installs it"
            )
        with self._opening:
            if self._server is None or self._server.exit_code() is not None:
                command = [str(program), *OPTIONS, f"--ServerApp.root_dir={self._home}"]
                self._server = self._start(command, self._take_line)
            return self._await_url(self._server)

    def stop(self) -> None:
        """End every process of the app."""
        with self._lock:
            self._stopped = True
        for group in self._groups:
            group.stop(STOP_SECONDS if group is self._server else 0.0)

    def _start(self, command: list[str], on_line: Callable[[str], None]) -> ProcessGroup:
        group = ProcessGroup()
        with self._lock:
            if self._stopped:
                raise AppEndedError("the app has been deleted")
            group.start(
                command,
                folder=self._home,
                environment=self._environment,
                notes=self._notes,
                on_line=on_line,
            )
            self._groups.append(group)
        return group

    def _await_url(self, server: ProcessGroup) -> str:
        """Return the URL from the file that the server writes once it listens."""
        described = self._home / JUPYTER_DATA / "runtime" / f"jpserver-{server.pid}.json"
        deadline = time.monotonic() + SERVER_SECONDS
        while server.exit_code() is None and time.monotonic() < deadline:
            with contextlib.suppress(FileNotFoundError, ValueError):  # not there, or not whole
                values = json.loads(described.read_text())
                return f"{values['url']}lab?token={values['token']}"
            time.sleep(POLL_SECONDS)
        server.settle(LAST_LINES_SECONDS)
        raise OpeningError(f"JupyterLab did not start: {' | '.join(self._last_lines)}")

    def _take_line(self, line: str) -> None:
        self._last_lines.append(line)
        self._on_line(line)
