"""The one error of the library: what is wrong, where it is, and what to do about it."""

_SHOWN = 80  # characters of a value


class InputError(ValueError):
    """Input that must not become training data.

    The message reads "file, line, column: problem (value). What to do." with the parts that are
    known, each of which is an attribute as well.

    Attributes:
        problem: what is wrong.
        file: the file.
        line: its line, from 1 as in an editor.
        row: its row, from 0 over the whole file (Parquet, frames).
        row_group: its row group, from 0 (Parquet with several).
        column: the name of the column.
        value: the value as it stands in the file.
        fix: what to do.
    """

    def __init__(
        self,
        problem: str,
        *,
        file: str | None = None,
        line: int | None = None,
        row: int | None = None,
        row_group: int | None = None,
        column: str | None = None,
        value: str | None = None,
        fix: str | None = None,
    ) -> None:
        self.problem = problem
        self.file = file
        self.line = line
        self.row = row
        self.row_group = row_group
        self.column = column
        self.value = value
        self.fix = fix
        super().__init__(self._message())

    def _message(self) -> str:
        where = [self.file] if self.file is not None else []
        if self.line is not None:
            where.append(f"line {self.line}")
        if self.row_group is not None:
            where.append(f"row group {self.row_group}")
        if self.row is not None:
            where.append(f"row {self.row}")
        if self.column is not None:
            where.append(f"column {self.column!r}")
        message = f"{', '.join(where)}: {self.problem}" if where else self.problem
        if self.value is not None:
            message += f": {_shorten(self.value)!r}"
        return f"{message}. {self.fix}" if self.fix else message


def _shorten(value: str) -> str:
    return value if len(value) <= _SHOWN else value[: _SHOWN - 3] + "..."
