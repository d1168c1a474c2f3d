"""`make demo`: from nothing to recommendations and back to nothing, in a local account."""

import tempfile
from argparse import Namespace
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

from commands import execution, flags, interactions, options
from commands.cdk import cdk, deploy
from commands.console import console, main, step
from commands.demo_results import show_ranking, show_scoring
from commands.deployment import ROOT, Deployment
from commands.interactions import Checked
from commands.leftovers import leftovers
from commands.local_account import demo_account, kept_exports, use
from commands.planted import Planted, plant, write_step
from commands.purpose import show_purpose
from commands.verify_clean import show_leftovers
from contract import s3_layout
from data_prep.settings import Purpose

_REPORT = ROOT / "build" / "report.html"
_NO_DRIFT = "planted choices do not drift, so it would say nothing new"


@dataclass(frozen=True)
class _Subject:
    """What the demo learns from.

    Attributes:
        purpose: what the model is for.
        checked: the interactions; None: the lab's.
        planted: the known model that they were drawn from, if they were.
    """

    purpose: Purpose
    checked: Checked | None = None
    planted: Planted | None = None


def demo() -> int:
    """Deploy, train, serve, recommend and destroy; return 1 if anything is left, else 0."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        subject = _subject(arguments, Path(folder))
        with _account(arguments):
            assembly = str(Path(folder) / "cdk.out")
            deploy(assembly)
            deployment = Deployment.find(arguments.name)
            output = _run(deployment, subject)
            _show(deployment, output["evaluation"], subject)
            left = 0 if arguments.keep else _destroy(arguments.name, assembly)
    if arguments.keep:
        _show_exports()
    execution.show_verdict(output)
    return left


def _arguments() -> Namespace:
    parser = options.argument_parser("demo", __doc__)
    options.add_interactions(parser)
    parser.add_argument("--lab", action="store_true", help="use the lab's synthetic interactions")
    parser.add_argument("--keep", action="store_true", help="leave account and deployment running")
    parser.add_argument(
        "--port", type=int, default=0, help="of the local account; a free one by default"
    )
    return parser.parse_args()


def _subject(arguments: Namespace, folder: Path) -> _Subject:
    """Return what to learn from, checked; what is planted is written to the folder."""
    if arguments.lab:
        flags.refuse_with_lab(arguments, "LAB=1")
        show_purpose("classification")
        return _Subject("classification")
    settings, files = flags.settings(arguments), flags.files(arguments)
    show_purpose(settings.purpose)
    if files is not None:
        return _Subject(settings.purpose, interactions.check_step(files, settings))
    planted = plant(settings.purpose)
    files = write_step(planted, folder)
    checked = interactions.check_step(files, settings, not_by_time=_NO_DRIFT)
    return _Subject(settings.purpose, checked, planted)


@contextmanager
def _account(arguments: Namespace) -> Iterator[None]:
    """Start the account, the only one that this process and its children can reach from now on."""
    with ExitStack() as stack:
        with step("start the local account") as current:
            account = demo_account(arguments.port, keep=arguments.keep)
            environment = stack.enter_context(account)
            current.detail = environment["AWS_ENDPOINT_URL"]
        use(environment)
        yield


def _run(deployment: Deployment, subject: _Subject) -> execution.Output:
    """Run the state machine once; the empty input is for the lab's interactions."""
    execution_input: execution.JsonObject = {}
    if subject.checked is not None:
        execution_input = interactions.upload_step(subject.checked, deployment.bucket)
    execution_arn = execution.start(deployment.state_machine_arn, execution_input)
    try:
        return execution.follow(execution_arn)
    finally:
        _save_report(deployment.bucket, execution_arn)


def _save_report(bucket: str, execution_arn: str) -> None:
    """Save the report before the account ends; a rejected model has one too."""
    key = s3_layout.run_prefix(execution_arn.rpartition(":")[2]) + s3_layout.REPORT_PAGE
    try:
        boto3.client("s3").download_file(bucket, key, str(_REPORT))
    except ClientError:
        return  # the execution ended before there was one
    console.print(f"The whole report, for a browser: {_REPORT.relative_to(ROOT)}")


def _show(deployment: Deployment, evaluation: execution.Evaluation, subject: _Subject) -> None:
    """Show how good the live model is, and what it recommends."""
    if subject.purpose == "ranking":
        show_ranking(deployment, evaluation["ranking"], subject.planted)
    else:
        show_scoring(deployment, evaluation, subject.planted)


def _destroy(name: str, assembly: str) -> int:
    with step("cdk destroy --all") as current:
        cdk(current, "destroy", "--all", "--app", assembly, "--force")
    with step("look for what is left"):
        left = leftovers(boto3.Session(), name)
    show_leftovers(name, left)
    return 1 if left else 0


def _show_exports() -> None:
    console.print(
        "\nAccount and deployment are still running (`make stop` ends both). To use `aws`, boto3 "
        "or `cdk` with them:\n"
    )
    console.print(kept_exports(), end="")


if __name__ == "__main__":
    main(demo)
