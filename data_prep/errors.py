"""The one error of the library: what is wrong, where it is, and what to do about it."""


class InputError(ValueError):
    """Input that must not become training data.

    The message reads "file, line, column: problem (value). What to do." with the parts that are
    known; each part is an attribute as well, so that a caller can show it in its own way. Lines
    count from 1, as in an editor; rows and row groups (of Parquet) from 0, over the whole file.
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
            message += f": {shortened(self.value)!r}"
        return f"{message}. {self.fix}" if self.fix else message


def shortened(value: str, limit: int = 80) -> str:
    """The value, cut to `limit` characters: a message must stay readable."""
    return value if len(value) <= limit else value[: limit - 3] + "..."
