"""The flags that several commands share."""

import argparse

from commands.deployment import configured_name


def argument_parser(module: str, description: str) -> argparse.ArgumentParser:
    """Return a parser with the flag that names the deployment."""
    parser = argparse.ArgumentParser(prog=f"python -m commands.{module}", description=description)
    parser.add_argument(
        "--name", default=configured_name(), help="the deployment; by default that of cdk.json"
    )
    return parser


def add_interactions(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say which interactions to use and how to read them."""
    parser.add_argument("--data", default="", help="a file of interactions")
    parser.add_argument(
        "--columns",
        default="",
        help="user=...,item=...[,label=...][,timestamp=...]; detected by default",
    )
    parser.add_argument(
        "--positive-at-least", default="", help="the smallest label that counts as positive"
    )
    parser.add_argument(
        "--negatives", default="", help="items to sample per positive, for data without dislikes"
    )
    parser.add_argument(
        "--separator", default="", help="between the columns of CSV; detected by default"
    )
    parser.add_argument("--encoding", default="", help="of CSV; UTF-8 by default")
