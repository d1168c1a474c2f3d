"""The command line: python -m data_prep prepare | inspect | generate."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, Protocol, get_args

from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from contract.validation import describe
from data_prep.errors import InputError
from data_prep.feature_text import parse_features
from data_prep.manifest import Manifest
from data_prep.preparation import prepare
from data_prep.recordio.inspection import Counts, inspect
from data_prep.settings import PrepareSettings, Purpose
from data_prep.synthetic import PlantedChoices, PlantedFM, lab

_BAR = 40  # characters of the longest bar
_KEPT = ("Columns: ", "Items: ", "Users: ", "Plan: ")  # progress that stays on the screen
_SINGLE = (  # settings that are an option each
    *("purpose", "predictor_type", "min_count", "duplicates", "shards"),
    *("separator", "encoding"),
)


class _Commands(Protocol):
    """What argparse's add_subparsers returns, which has no public name."""

    def add_parser(self, name: str, *, help: str) -> argparse.ArgumentParser: ...


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 0, or 1 when the input is refused."""
    options = _parser().parse_args(arguments)
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        options.run(options, Console(highlight=False))
    except InputError as error:
        errors.print(f"[red]refused[/red]: {escape(str(error))}")
    except ValidationError as error:
        for problem in error.errors():
            text = describe(problem, whole="the settings", unknown_key="no such setting")
            errors.print(f"[red]refused[/red]: {escape(text)}")
    else:
        return 0
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m data_prep", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_prepare(commands)
    _add_inspect(commands)
    _add_generate(commands)
    return parser


def _add_inspect(commands: _Commands) -> None:
    command = commands.add_parser("inspect", help="show what is in a RecordIO file")
    command.add_argument("file", type=Path)
    command.add_argument("--records", type=int, default=5, help="how many to show (5)")
    command.set_defaults(run=_inspect)


def _add_generate(commands: _Commands) -> None:
    command = commands.add_parser("generate", help="write a table to try things on")
    kinds = command.add_subparsers(required=True, metavar="KIND")
    lab_table = kinds.add_parser("lab", help="the SageMaker lab's, whose labels are noise")
    lab_table.set_defaults(run=_generate_lab)
    planted = kinds.add_parser("planted", help="labels from a known model, for a classifier")
    planted.set_defaults(run=_generate_planted)
    _add_fields(planted, PlantedFM)
    choices = kinds.add_parser("choices", help="choices among all items, for a ranking")
    choices.add_argument("--titles", type=Path, metavar="FILE", help="also a table of the items")
    choices.set_defaults(run=_generate_choices)
    _add_fields(choices, PlantedChoices)
    for kind in (lab_table, planted, choices):
        kind.add_argument("--out", type=Path, required=True, metavar="FILE")


def _add_fields(command: argparse.ArgumentParser, model: type[PlantedFM | PlantedChoices]) -> None:
    for field in fields(model):
        command.add_argument(
            f"--{field.name}",
            type=type(field.default),
            default=field.default,
            help=f"({field.default})",
        )


def _add_prepare(commands: _Commands) -> None:
    command = commands.add_parser("prepare", help="turn interactions into training data")
    command.add_argument("sources", type=Path, nargs="+", help="files or directories")
    command.add_argument("--out", type=Path, required=True, metavar="DIR")
    command.add_argument("--settings", type=Path, help="a JSON file; the options below override it")
    command.add_argument("--user", metavar="COLUMN")
    command.add_argument("--item", metavar="COLUMN")
    command.add_argument("--label", metavar="COLUMN")
    command.add_argument("--timestamp", metavar="COLUMN")
    command.add_argument("--positive-at-least", type=float, metavar="VALUE")
    command.add_argument("--split", choices=["random", "time", "leave_last_out"])
    command.add_argument("--test-fraction", type=float)
    command.add_argument("--seed", type=int)
    command.add_argument("--purpose", choices=get_args(Purpose))
    command.add_argument("--predictor-type", choices=["binary_classifier", "regressor"])
    command.add_argument("--min-count", type=int)
    command.add_argument("--duplicates", choices=["keep", "last", "sum"])
    command.add_argument("--negatives", type=int, metavar="PER_POSITIVE")
    command.add_argument("--exponent", type=float, help="of the popularity of negatives")
    command.add_argument("--history", type=int, metavar="MOST", help="items that stand for a user")
    command.add_argument("--shards", type=int)
    command.add_argument("--separator")
    command.add_argument("--encoding")
    for name in ("items", "users"):
        owner = name.removesuffix("s")
        command.add_argument(
            f"--{name}",
            type=Path,
            action="append",
            default=[],
            metavar="FILE",
            help=f"a table of {name}, joined to the interactions by the id; may be repeated",
        )
        command.add_argument(
            f"--{owner}-features",
            type=parse_features,
            metavar="COLUMN[:KIND],...",
            help="its columns that become side features, such as genres:multi_valued",
        )
    command.set_defaults(run=_prepare)


def _settings(options: argparse.Namespace) -> PrepareSettings:
    """Return the settings of the file, if there is one, overridden by those of the options."""
    settings: dict[str, Any] = {}  # JSON that PrepareSettings checks
    if options.settings is not None:
        try:
            settings = json.loads(options.settings.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(f"cannot be read ({error})", file=str(options.settings)) from None
        if not isinstance(settings, dict):
            raise InputError("the settings must be a JSON object", file=str(options.settings))
    sections = {
        "columns": {
            name: getattr(options, name) for name in ("user", "item", "label", "timestamp")
        },
        "label": {"positive_at_least": options.positive_at_least},
        "split": {
            "strategy": options.split,
            "test_fraction": options.test_fraction,
            "seed": options.seed,
        },
        "negatives": {
            "per_positive": options.negatives,
            "by": None if options.exponent is None else "popularity",
            "exponent": options.exponent,
        },
        "history": {"most": options.history},
        "items": {"features": options.item_features},
        "users": {"features": options.user_features},
    }
    for section, values in sections.items():
        overriding = {name: value for name, value in values.items() if value is not None}
        if overriding:
            settings[section] = {**(settings.get(section) or {}), **overriding}
    for name in _SINGLE:
        if getattr(options, name) is not None:
            settings[name] = getattr(options, name)
    return PrepareSettings.model_validate(settings)


def _prepare(options: argparse.Namespace, console: Console) -> None:
    settings = _settings(options)
    with Console(stderr=True, highlight=False).status("Starting") as status:

        def progress(line: str) -> None:
            if line.startswith(_KEPT):
                console.print(escape(line))
            status.update(escape(line))

        manifest = prepare(
            options.sources,
            options.out,
            settings,
            items=options.items,
            users=options.users,
            progress=progress,
        )
    _print_summary(manifest, options.out, console)


def _print_summary(manifest: Manifest, out: Path, console: Console) -> None:
    table = Table(title=escape(str(out)), title_justify="left")
    for heading in ("part", "rows", "positive", "sampled", "bytes"):
        table.add_column(heading, justify="left" if heading == "part" else "right")
    for part in ("train", "test"):
        rows = getattr(manifest.rows, part)
        positive = f"{getattr(manifest.positives, part) / rows:.1%}" if manifest.positives else "-"
        size = sum((out / name).stat().st_size for name in getattr(manifest.files, part))
        sampled = getattr(manifest.sampled, part)
        table.add_row(part, f"{rows:,}", positive, f"{sampled:,}", f"{size:,}")
    console.print(table)
    table = Table(title=f"feature_dim {manifest.feature_dim:,}", title_justify="left")
    for heading in ("field", "role", "kind", "columns"):
        table.add_column(heading)
    for field in manifest.fields:
        span = f"{field.start:,} to {field.start + field.size - 1:,}"
        table.add_row(escape(field.name), field.role, field.kind, span)
    console.print(table)


def _inspect(options: argparse.Namespace, console: Console) -> None:
    inspection = inspect(options.file, options.records)
    console.print(
        f"{inspection.records:,} records, feature_dim {inspection.feature_dim:,}, "
        f"{inspection.values:,} values"
    )
    for number, (columns, values, label) in enumerate(inspection.first):
        pairs = " ".join(
            f"{column}:{value:g}" for column, value in zip(columns, values, strict=True)
        )
        console.print(f"  {number}: {pairs}" + ("" if label is None else f" -> {label:g}"))
    if inspection.labels:
        _print_histogram("label", inspection.labels, console)
    _print_histogram("values in a record", inspection.sizes, console)


def _print_histogram(title: str, counts: Counts, console: Console) -> None:
    console.print(title)
    most = max(counts.values())
    for value, count in sorted(counts.items()):
        bar = "#" * max(1, round(_BAR * count / most))
        console.print(f"  {value:>8g} {count:>14,} {bar}")


def _generate_lab(options: argparse.Namespace, console: Console) -> None:
    lab(options.out)
    console.print(f"Wrote {escape(str(options.out))}")


def _generate_planted(options: argparse.Namespace, console: Console) -> None:
    attainable = PlantedFM(**_field_values(options, PlantedFM)).write(options.out)
    console.print(f"Wrote {escape(str(options.out))}")
    console.print(
        f"No model does better than AUC {attainable.auc:.4f}, log loss {attainable.log_loss:.4f}"
    )


def _generate_choices(options: argparse.Namespace, console: Console) -> None:
    PlantedChoices(**_field_values(options, PlantedChoices)).write(options.out, options.titles)
    for path in (options.out, options.titles):
        if path is not None:
            console.print(f"Wrote {escape(str(path))}")


def _field_values(
    options: argparse.Namespace, model: type[PlantedFM | PlantedChoices]
) -> dict[str, Any]:
    return {field.name: getattr(options, field.name) for field in fields(model)}


if __name__ == "__main__":
    sys.exit(main())
