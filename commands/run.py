"""`make run`: upload interactions, start an execution, follow it to the live endpoint."""

import json
from argparse import Namespace
from pathlib import Path

from commands import execution, flags, interactions, options, preflight
from commands.console import CommandError, console, main
from commands.deployment import Deployment
from commands.metric_tables import show_evaluation
from commands.place import enter
from commands.purpose import show_purpose


def run() -> int:
    """Run the state machine once; without data and input, on the lab's synthetic interactions."""
    parser = options.argument_parser("run", __doc__)
    options.add_interactions(parser)
    parser.add_argument("--input", default="", help="a JSON file with the whole execution input")
    arguments = parser.parse_args()
    place = enter()
    deployment = Deployment.find(arguments.name)
    preflight.refuse(preflight.check_run(deployment.name, place))
    execution_input = _execution_input(arguments, deployment)
    execution_arn = execution.start(deployment.state_machine_arn, execution_input)
    console.print(f"  [dim]{execution_arn}[/dim]")
    output = execution.follow(execution_arn)
    if "evaluation" in output:
        evaluation = output["evaluation"]
        show_evaluation(evaluation)
        console.print(f"The whole report: {evaluation['report_uri']}")
    execution.show_verdict(output)
    return 0


def _execution_input(arguments: Namespace, deployment: Deployment) -> execution.JsonObject:
    if arguments.input:
        for idle in flags.given(arguments):
            raise CommandError(f"INPUT={arguments.input} is the whole input: leave out {idle}")
        return _read_input(Path(arguments.input))
    settings, files = flags.settings(arguments), flags.files(arguments)
    if files is None:
        flags.refuse_with_lab(arguments, "No DATA")
        show_purpose("classification")
        return {}
    show_purpose(settings.purpose)
    return interactions.upload_step(interactions.check_step(files, settings), deployment.bucket)


def _read_input(path: Path) -> execution.JsonObject:
    try:
        execution_input: execution.JsonObject = json.loads(path.read_text())
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}") from error
    except json.JSONDecodeError as error:
        raise CommandError(f"{path}: not JSON: {error}") from error
    return execution_input


if __name__ == "__main__":
    main(run)
