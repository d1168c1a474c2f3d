"""The commands' output: one line for each step with its time, and one line for an error."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.markup import escape

console = Console(highlight=False, soft_wrap=True)


class CommandError(Exception):
    """The command cannot do its work; the message says why and what to do."""


class Step:
    """A step that is under way.

    Attributes:
        detail: what the line of the finished step ends with.
    """

    def __init__(self, show: Callable[[str], None]) -> None:
        """Keep the function that shows a text beside the title while the step runs."""
        self.detail = ""
        self._show = show

    def progress(self, text: str) -> None:
        """Show what the step is doing now."""
        self._show(text)


@contextmanager
def step(title: str) -> Iterator[Step]:
    """Show a step while it runs and, once it is done, its line with the seconds it took."""
    started = time.monotonic()
    label = escape(title)
    with console.status(label) as status:
        current = Step(lambda text: status.update(f"{label}: [dim]{escape(text[:100])}[/dim]"))
        try:
            yield current
        except BaseException:
            console.print(f"[red]✘[/red] {label} {_seconds(started)}")
            raise
    detail = f"  [dim]{escape(current.detail)}[/dim]" if current.detail else ""
    console.print(f"[green]✔[/green] {label} {_seconds(started)}{detail}")


def _seconds(started: float) -> str:
    return f"[cyan]{time.monotonic() - started:.1f} s[/cyan]"


def main(command: Callable[[], int | None]) -> None:
    """Run a command and exit with what it returns, 0 for None.

    An error that a person can correct becomes one line and the exit code 2.
    """
    try:
        sys.exit(command() or 0)
    except (CommandError, ClientError, BotoCoreError) as error:
        line = " ".join(str(error).split())
        print(f"factorstack: {line}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    except KeyboardInterrupt:
        print("factorstack: interrupted", file=sys.stderr)  # noqa: T201
        sys.exit(130)
