"""`make demo`: from nothing to recommendations and back to nothing, in a local account."""

import os
import shlex
import tempfile
from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

from commands import execution, interactions, options
from commands.ask_function import Answer, ask
from commands.cdk import cdk
from commands.console import CommandError, console, main, step
from commands.deployment import ROOT, Deployment
from commands.leftovers import leftovers
from commands.live_endpoint import fetch_encoder, fetch_held_out, invoke
from commands.local_account import demo_account
from commands.metric_tables import best_attainable, classifier_metrics, show_metrics
from commands.recommendation_table import show_recommendations
from commands.verify_clean import show_leftovers
from contract import s3_layout
from data_prep.encoder import Encoder
from data_prep.settings import PrepareSettings
from data_prep.synthetic import PlantedFM

_USERS_SHOWN = 3
_TOP_N = 10
_REPORT = ROOT / "build" / "report.html"
_EXECUTION_POLICY = (
    "--cloudformation-execution-policies",
    "arn:aws:iam::aws:policy/AdministratorAccess",
)


def demo() -> int:
    """Deploy, train, serve, recommend and destroy; return 1 if anything is left, else 0."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        planted = None if arguments.lab or arguments.data else PlantedFM()
        path = Path(arguments.data or Path(folder) / "planted.csv")
        if planted is not None:
            with step("plant an FM model and draw interactions from it"):
                planted.write(path)
        settings = None
        if not arguments.lab:
            settings = interactions.check_step(path, interactions.from_flags(arguments))
        with _account(arguments) as environment:
            assembly = str(Path(folder) / "cdk.out")
            _deploy(assembly)
            deployment = Deployment.find(arguments.name)
            evaluation = _run(deployment, path, settings)
            _show(deployment, evaluation, planted)
            if arguments.lab:
                console.print(
                    "The lab's labels are pure noise: nothing can be learned, and an AUC near 0.5 "
                    "is right."
                )
            if not arguments.keep:
                return _destroy(arguments.name, assembly)
    _show_exports(environment)
    return 0


def _arguments() -> Namespace:
    parser = options.argument_parser("demo", __doc__)
    options.add_interactions(parser)
    parser.add_argument("--lab", action="store_true", help="use the lab's synthetic interactions")
    parser.add_argument("--keep", action="store_true", help="leave account and deployment running")
    parser.add_argument(
        "--port", type=int, default=0, help="of the local account; a free one by default"
    )
    arguments = parser.parse_args()
    if arguments.lab and arguments.data:
        raise CommandError("LAB=1 and DATA=... exclude each other: choose one")
    return arguments


@contextmanager
def _account(arguments: Namespace) -> Iterator[Mapping[str, str]]:
    """Start the account, the only one that this process and its children can reach from now on."""
    with ExitStack() as stack:
        with step("start the local account") as current:
            account = demo_account(arguments.port, keep=arguments.keep)
            environment = stack.enter_context(account)
            current.detail = environment["AWS_ENDPOINT_URL"]
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        os.environ.update(environment)
        yield environment


def _deploy(assembly: str) -> None:
    with step("cdk synth") as current:
        cdk(current, "synth", "--quiet", "--output", assembly)
    with step("cdk bootstrap") as current:
        cdk(current, "bootstrap", "--app", assembly, *_EXECUTION_POLICY)
    with step("cdk deploy --all") as current:
        cdk(current, "deploy", "--all", "--app", assembly, "--require-approval", "never")


def _run(
    deployment: Deployment, path: Path, settings: PrepareSettings | None
) -> execution.Evaluation:
    """Run the state machine once, on the lab's interactions if there are no settings."""
    # The lab's labels are noise: its model beats no baseline, and is deployed all the same.
    execution_input: execution.JsonObject = {"gate": {"must_beat_baseline": False}}
    if settings is not None:
        with step("upload the interactions") as current:
            current.detail = uri = interactions.upload(path, deployment.bucket)
        execution_input = interactions.execution_input(uri, settings)
    execution_arn = execution.start(deployment.state_machine_arn, execution_input)
    try:
        return execution.follow(execution_arn)["evaluation"]
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


def _show(
    deployment: Deployment, evaluation: execution.Evaluation, planted: PlantedFM | None
) -> None:
    """Show how good the live endpoint's scores are, and what some users are recommended."""
    with step("ask the live endpoint"):
        model_data_url = deployment.live_model()
        encoder, held_out = fetch_encoder(model_data_url), fetch_held_out(model_data_url)
        scores = invoke(deployment.name, held_out.rows)
    with step("ask the recommend function"):
        answers = _recommendations(deployment, encoder)
    columns = {
        "live endpoint": classifier_metrics(held_out.labels, scores),
        "popularity baseline": evaluation["baseline"],
    }
    if planted is not None:
        columns["best attainable"] = best_attainable(planted, encoder, held_out)
    show_metrics(len(scores), columns)
    show_recommendations(answers, "Recommendations from the live model")


def _recommendations(deployment: Deployment, encoder: Encoder) -> list[Answer]:
    """Return the answers for the users with the most training rows."""
    users = encoder.user_ids[:_USERS_SHOWN]
    answers = [ask(deployment.recommend_url, {"user": user, "n": _TOP_N}) for user in users]
    for answer in answers:
        if not answer["recommendations"]:
            raise CommandError(f"the recommend function listed nothing for user {answer['user']}")
    return answers


def _destroy(name: str, assembly: str) -> int:
    with step("cdk destroy --all") as current:
        cdk(current, "destroy", "--all", "--app", assembly, "--force")
    with step("look for what is left"):
        left = leftovers(boto3.Session(), name)
    show_leftovers(name, left)
    return 1 if left else 0


def _show_exports(environment: Mapping[str, str]) -> None:
    console.print(
        "\nAccount and deployment are still running (`make stop` ends both). To use `aws`, boto3 "
        "or `cdk` with them:\n"
    )
    for name, value in environment.items():
        console.print(f"export {name}={shlex.quote(value)}")


if __name__ == "__main__":
    main(demo)
