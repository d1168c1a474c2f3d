"""How generated tables are written, and when their interactions happen."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
from pyarrow import csv

FIRST_TIME = 1_500_000_000  # July 2017, in seconds since 1970
SECONDS = 3 * 365 * 86_400  # from the first interaction to the last, at most


def write_csv(path: Path, tables: Iterable[pa.Table]) -> None:
    """Write the rows of tables with the same columns as one CSV file, without quotes."""
    with path.open("wb") as file:
        for number, table in enumerate(tables):
            options = csv.WriteOptions(
                include_header=number == 0, quoting_header="none", quoting_style="none"
            )
            csv.write_csv(table, file, options)
