"""Shows numbers: an evaluation beside what it is to be compared with, and recommendations."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from commands.console import console
from commands.recommendations import Recommendation


def show_evaluation(evaluation: Mapping[str, Any], best: Mapping[str, float] | None = None) -> None:
    """Print each metric of the model beside the baseline's and, where it is known, the best."""
    table = Table(title=f"Evaluation on {evaluation['rows']:,} held-out rows", title_justify="left")
    table.add_column("metric")
    for column in ("model", "popularity baseline", *(["best attainable"] if best else [])):
        table.add_column(column, justify="right")
    for metric, value in evaluation["model"].items():
        numbers = [value, evaluation["baseline"][metric]]
        cells = [f"{number:.4f}" for number in numbers]
        if best:
            cells.append(f"{best[metric]:.4f}" if metric in best else "")
        table.add_row(metric, *cells)
    console.print(table)


def recommendation_table(by_user: Mapping[str, Sequence[Recommendation]]) -> Table:
    """Return a table with a column of items and scores for each user."""
    table = Table(title="Recommendations from the live endpoint", title_justify="left")
    table.add_column("rank", justify="right")
    for user in by_user:
        table.add_column(f"user {user}", no_wrap=True)
    for rank in range(max(map(len, by_user.values()))):
        cells = [
            f"{found[rank].item} [dim]{found[rank].score:.4f}[/dim]" if rank < len(found) else ""
            for found in by_user.values()
        ]
        table.add_row(str(rank + 1), *cells)
    return table
