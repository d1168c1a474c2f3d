"""The recommend function's answers as a table, with a word about each user it does not know."""

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from commands.ask_function import Answer
from commands.console import console


def show_recommendations(answers: Sequence[Answer], title: str) -> None:
    """Print a table with a column of items and scores for each answer."""
    table = Table(title=title, title_justify="left")
    table.add_column("rank", justify="right")
    for answer in answers:
        table.add_column(escape(f"user {answer['user']}"), no_wrap=True)
    for rank in range(max(len(answer["recommendations"]) for answer in answers)):
        table.add_row(str(rank + 1), *(_cell(answer, rank) for answer in answers))
    console.print(table)
    for answer in answers:
        if answer["fallback"]:
            console.print(
                f"Training does not know user {escape(answer['user'])}: this is what the average "
                "user would like."
            )


def _cell(answer: Answer, rank: int) -> str:
    if rank >= len(answer["recommendations"]):
        return ""
    recommended = answer["recommendations"][rank]
    return f"{escape(recommended['item'])} [dim]{recommended['score']:.4f}[/dim]"
