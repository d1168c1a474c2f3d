"""The flags that several commands share."""

import argparse

from commands.deployment import configured_name

# What the model is for, which files to use and how to read them: each flag, and what it means.
INTERACTIONS = {
    "data": "a file of interactions",
    "purpose": "ranking (the default), classification or rating",
    "columns": "user=...,item=...[,label=...][,timestamp=...]; detected by default",
    "positive_at_least": "the smallest label that counts as positive",
    "negatives": "items to sample per positive, for data without dislikes",
    "exponent": "of the popularity by which they are sampled; 0: all items alike",
    "history": "the most recent items of a user that count",
    "items": "a table of items, joined by the id; their titles are shown",
    "users": "a table of users, joined by the id",
    "item_features": "columns of that table that become features: genres:multi_valued,year",
    "user_features": "columns of that table that become features: gender,age:numeric",
    "separator": "between the columns of CSV; detected by default",
    "encoding": "of CSV; UTF-8 by default",
}


def argument_parser(module: str, description: str) -> argparse.ArgumentParser:
    """Return a parser with the flag that names the deployment."""
    parser = argparse.ArgumentParser(prog=f"python -m commands.{module}", description=description)
    parser.add_argument(
        "--name", default=configured_name(), help="the deployment; by default that of cdk.json"
    )
    return parser


def add_interactions(parser: argparse.ArgumentParser) -> None:
    """Add the flags `INTERACTIONS`; one that is not given is empty."""
    for name, text in INTERACTIONS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", default="", help=text)
