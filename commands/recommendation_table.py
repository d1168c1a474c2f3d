"""The recommend function's answers as tables, with a word about whom and what they go by."""

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from commands.ask_function import Answer, HistoryUse, Item, RecommendedItem, SimilarAnswer
from commands.console import console

_HISTORY_SHOWN = 10
_CAUSES_SHOWN = 3
_BETWEEN = " · "  # items; titles have commas


def show_recommendations(answers: Sequence[Answer], title: str) -> None:
    """Print a table with a column of items and scores for each answer, and of their causes."""
    table = Table(title=title, title_justify="left")
    table.add_column("rank", justify="right")
    columns = []
    for answer in answers:
        listed = answer["recommendations"]
        table.add_column(escape(_asker(answer)), no_wrap=True)
        columns.append([_scored(entry) for entry in listed])
        causes = [_causes(entry) for entry in listed]
        if any(causes):
            table.add_column("because of")
            columns.append(causes)
    for rank in range(max(map(len, columns))):
        cells = (column[rank] if rank < len(column) else "" for column in columns)
        table.add_row(str(rank + 1), *cells)
    console.print(table)
    for answer in answers:
        _show_fallback(answer)


def show_history(use: HistoryUse) -> None:
    """Print the newest items that stand for a user, and how many others there are."""
    newest = use["items"][::-1][:_HISTORY_SHOWN]
    more = use["used"] - len(newest)
    names = [_name(item) for item in newest] + ([f"and {more} more"] if more else [])
    console.print(f"History, newest first: {_BETWEEN.join(names) or 'nothing'}")
    left_out = {
        "unknown to training": use["unknown"],
        "named again later": use["doubled"],
        "older than the model looks back": use["older"],
    }
    counts = [f"{count} {why}" for why, count in left_out.items() if count]
    if counts:
        console.print(f"Not counted: {', '.join(counts)}")


def show_similar(answer: SimilarAnswer) -> None:
    """Print the items that are similar to one, and how similar."""
    table = Table(title=f"Similar to {_name(answer['similar_to'])}", title_justify="left")
    table.add_column("rank", justify="right")
    table.add_column("item and cosine", no_wrap=True)
    for rank, entry in enumerate(answer["recommendations"], 1):
        table.add_row(str(rank), _scored(entry))
    console.print(table)


def _asker(answer: Answer) -> str:
    return "the given history" if answer["user"] is None else f"user {answer['user']}"


def _show_fallback(answer: Answer) -> None:
    if answer["fallback"] is None:
        return
    given, user = answer["history"], answer["user"]
    if user is None or (given is not None and given["unknown"]):
        reason = "Training knows none of the given items"
    else:
        reason = f"Training does not know user {escape(user)}"
    if answer["fallback"] == "average_user":
        console.print(f"{reason}: this is what the average user would like.")
    elif user is not None:
        console.print(f"Training does not know user {escape(user)}: this is by the given items.")


def _scored(entry: RecommendedItem) -> str:
    return f"{_name(entry)} [dim]{entry['score']:.4f}[/dim]"


def _causes(entry: RecommendedItem) -> str:
    because = entry["explanation"].get("because", []) if "explanation" in entry else []
    return _BETWEEN.join(_name(cause) for cause in because[:_CAUSES_SHOWN])


def _name(item: Item) -> str:
    """Return the item's id and title, if it has one, for printing."""
    return escape(" ".join([item["item"], *([item["title"]] if "title" in item else [])]))
