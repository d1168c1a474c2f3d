"""`make run`: upload interactions, start an execution, follow it to the live endpoint."""

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

from commands import execution, interactions, options
from commands.console import CommandError, console, main, step
from commands.deployment import Deployment
from commands.metric_tables import show_metrics


def run() -> int:
    """Run the state machine once; without data and input, on the lab's synthetic interactions."""
    parser = options.parser("run", __doc__)
    options.add_interactions(parser)
    parser.add_argument("--input", default="", help="a JSON file: the execution input itself")
    arguments = parser.parse_args()
    deployment = Deployment.find(arguments.name)
    document = _execution_input(arguments, deployment)
    execution_arn = execution.start(deployment.state_machine_arn, document)
    console.print(f"  [dim]{execution_arn}[/dim]")
    output = execution.follow(execution_arn)
    if "evaluation" in output:
        found = output["evaluation"]
        columns = {"model": found["model"], "popularity baseline": found["baseline"]}
        show_metrics(found["rows"], columns)
        console.print(f"The whole report: {found['report_uri']}")
    return 0


def _execution_input(arguments: Namespace, deployment: Deployment) -> dict[str, Any]:
    if arguments.input:
        return _read_input(Path(arguments.input))
    if not arguments.data:
        return {}
    path = Path(arguments.data)
    chosen = interactions.check_step(path, interactions.from_flags(arguments))
    with step("upload the interactions") as current:
        uri = interactions.upload(path, deployment.bucket)
        current.detail = uri
    return interactions.execution_input(uri, chosen)


def _read_input(path: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(path.read_text())
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    except json.JSONDecodeError as error:
        raise CommandError(f"{path}: not JSON: {error}") from error
    return document


if __name__ == "__main__":
    main(run)
