"""The command line: python -m data_prep prepare | inspect | generate."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from data_prep.errors import InputError
from data_prep.manifest import Manifest
from data_prep.preparation import prepare
from data_prep.recordio.inspection import Counts, inspect
from data_prep.settings import PrepareSettings
from data_prep.synthetic import PlantedFM, lab

_BAR = 40


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 when done, 1 when the input is refused."""
    chosen = _parser().parse_args(arguments)
    errors = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        chosen.run(chosen, Console(highlight=False))
    except InputError as error:
        errors.print(f"[red]refused[/red]: {escape(str(error))}")
    except ValidationError as error:
        for one in error.errors():
            key = ".".join(str(part) for part in one["loc"])
            errors.print(f"[red]refused[/red]: setting {escape(key)}: {escape(one['msg'])}")
    else:
        return 0
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m data_prep", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_prepare(commands)
    command = commands.add_parser("inspect", help="what is in a RecordIO file")
    command.add_argument("file", type=Path)
    command.add_argument("--records", type=int, default=5, help="how many to show (5)")
    command.set_defaults(run=_inspect)
    command = commands.add_parser("generate", help="write a table to try things on")
    command.add_argument("kind", choices=["lab", "planted"])
    command.add_argument("--out", type=Path, required=True, metavar="FILE")
    for name in ("users", "items", "interactions", "factors", "genres", "groups", "seed"):
        default = getattr(PlantedFM, name)
        command.add_argument(f"--{name}", type=int, default=default, help=f"of planted ({default})")
    for name in ("noise", "popularity"):
        default = getattr(PlantedFM, name)
        command.add_argument(f"--{name}", type=float, default=default, help=f"({default})")
    command.set_defaults(run=_generate)
    return parser


def _add_prepare(commands: Any) -> None:
    command = commands.add_parser("prepare", help="interactions to training data")
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
    command.add_argument("--predictor-type", choices=["binary_classifier", "regressor"])
    command.add_argument("--min-count", type=int)
    command.add_argument("--duplicates", choices=["keep", "last", "sum"])
    command.add_argument("--negatives", type=int, metavar="PER_POSITIVE")
    command.add_argument("--shards", type=int)
    command.add_argument("--separator")
    command.add_argument("--encoding")
    command.set_defaults(run=_prepare)


def _settings(chosen: argparse.Namespace) -> PrepareSettings:
    """The settings of the file, if there is one, with those of the options put over them."""
    settings: dict[str, Any] = {}
    if chosen.settings is not None:
        try:
            settings = json.loads(chosen.settings.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(f"cannot be read ({error})", file=str(chosen.settings)) from None
    options = {
        "columns": {name: getattr(chosen, name) for name in ("user", "item", "label", "timestamp")},
        "label": {"positive_at_least": chosen.positive_at_least},
        "split": {
            "strategy": chosen.split,
            "test_fraction": chosen.test_fraction,
            "seed": chosen.seed,
        },
        "negatives": {"per_positive": chosen.negatives},
    }
    for section, values in options.items():
        given = {name: value for name, value in values.items() if value is not None}
        if given:
            settings[section] = {**(settings.get(section) or {}), **given}
    for name in ("predictor_type", "min_count", "duplicates", "shards", "separator", "encoding"):
        if getattr(chosen, name) is not None:
            settings[name] = getattr(chosen, name)
    return PrepareSettings.model_validate(settings)


def _prepare(chosen: argparse.Namespace, console: Console) -> None:
    settings = _settings(chosen)
    with Console(stderr=True, highlight=False).status("Starting") as status:

        def progress(line: str) -> None:
            if line.startswith("Columns: "):
                console.print(escape(line))
            status.update(escape(line))

        manifest = prepare(chosen.sources, chosen.out, settings, progress=progress)
    _print_summary(manifest, chosen.out, console)


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


def _inspect(chosen: argparse.Namespace, console: Console) -> None:
    found = inspect(chosen.file, chosen.records)
    console.print(
        f"{found.records:,} records, feature_dim {found.feature_dim:,}, {found.values:,} values"
    )
    for number, (columns, values, label) in enumerate(found.first):
        pairs = " ".join(
            f"{column}:{value:g}" for column, value in zip(columns, values, strict=True)
        )
        console.print(f"  {number}: {pairs}" + ("" if label is None else f" -> {label:g}"))
    if found.labels:
        _print_histogram("label", found.labels, console)
    _print_histogram("values in a record", found.sizes, console)


def _print_histogram(title: str, counts: Counts, console: Console) -> None:
    console.print(title)
    most = max(counts.values())
    for value, count in sorted(counts.items()):
        bar = "#" * max(1, round(_BAR * count / most))
        console.print(f"  {value:>8g} {count:>14,} {bar}")


def _generate(chosen: argparse.Namespace, console: Console) -> None:
    if chosen.kind == "lab":
        lab(chosen.out)
        console.print(f"Wrote {escape(str(chosen.out))}")
        return
    parameters = {field.name: getattr(chosen, field.name) for field in fields(PlantedFM)}
    best = PlantedFM(**parameters).write(chosen.out)
    console.print(f"Wrote {escape(str(chosen.out))}")
    console.print(f"No model does better than AUC {best.auc:.4f}, log loss {best.log_loss:.4f}")


if __name__ == "__main__":
    sys.exit(main())
