"""The flags that several commands share."""

import argparse

from commands.deployment import configured_name


def parser(module: str, description: str) -> argparse.ArgumentParser:
    """Return a parser with the flag that names the deployment."""
    found = argparse.ArgumentParser(prog=f"python -m commands.{module}", description=description)
    found.add_argument("--name", default=configured_name(), help="the deployment (cdk.json)")
    return found


def add_interactions(found: argparse.ArgumentParser) -> None:
    """Add the flags that say which interactions to use and how to read them."""
    found.add_argument("--data", default="", help="a file of interactions")
    found.add_argument(
        "--columns", default="", help="user=...,item=...[,label=...][,timestamp=...]; or detected"
    )
    found.add_argument(
        "--positive-at-least", default="", help="labels from this value on are positive"
    )
    found.add_argument(
        "--negatives", default="", help="items sampled per positive, for data without dislikes"
    )
    found.add_argument("--separator", default="", help="between columns; or detected")
    found.add_argument("--encoding", default="", help="of the text; or UTF-8")
