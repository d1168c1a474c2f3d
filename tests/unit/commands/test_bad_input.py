"""What the demo cannot do ends in one line that says what to do, exit code 2, nothing started."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CLICKS = b"user_id,item_id\n" + b"1,2\n1,1\n2,1\n2,3\n3,3\n" * 3


def _demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "commands.demo", *arguments],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def _refused(*arguments: str) -> str:
    done = _demo(*arguments)
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.splitlines()
    assert "start the local account" not in done.stdout or "✘ start" in done.stdout
    return line


def _file(folder: Path, content: bytes) -> str:
    path = folder / "ratings.csv"
    path.write_bytes(content)
    return str(path)


def test_a_file_that_is_not_there() -> None:
    assert "nowhere.csv: there is no such file" in _refused("--data", "nowhere.csv")


def test_an_empty_file(tmp_path: Path) -> None:
    assert "ratings.csv" in _refused("--data", _file(tmp_path, b""))


def test_a_file_with_a_header_alone(tmp_path: Path) -> None:
    assert "ratings.csv" in _refused("--data", _file(tmp_path, b"user_id,item_id,rating\n"))


def test_a_missing_column(tmp_path: Path) -> None:
    path = _file(tmp_path, b"user_id,item_id,rating\n1,2,1\n2,1,0\n")
    line = _refused("--data", path, "--columns", "user=user_id,item=item_id,label=stars")
    assert "column 'stars'" in line
    assert "user_id, item_id, rating" in line


def test_labels_that_are_not_0_or_1(tmp_path: Path) -> None:
    content = b"user_id,item_id,interaction\n1,2,1\n2,1,0\n3,1,7\n"
    line = _refused("--data", _file(tmp_path, content))
    assert "line 4, column 'interaction'" in line
    assert "'7'" in line


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    assert "ratings.csv" in _refused("--data", _file(tmp_path, bytes(range(256)) * 20))


def test_the_lab_and_data_of_ones_own_exclude_each_other() -> None:
    assert "leave out DATA=x.csv" in _refused("--lab", "--data", "x.csv")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--purpose", "sorting"], "purpose: Input should be 'ranking', 'classification'"),
        (["--purpose", "rating"], "PURPOSE=rating needs ratings"),
        (["--history", "0"], "history.most: Input should be greater than or equal to 1"),
        (["--items", "movies.csv"], "ITEMS=movies.csv goes with interactions"),
    ],
)
def test_a_flag_that_cannot_be_used(arguments: list[str], message: str) -> None:
    assert message in _refused(*arguments)


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    path = _file(tmp_path, CLICKS)
    line = _refused("--data", path, "--items", "nowhere.csv")
    assert "nowhere.csv: there is no such file" in line


def test_a_feature_that_is_no_column_of_the_table(tmp_path: Path) -> None:
    (tmp_path / "movies.csv").write_text("item_id,title\n1,One\n2,Two\n")
    tables = ("--items", str(tmp_path / "movies.csv"), "--item-features", "year")
    line = _refused("--data", _file(tmp_path, CLICKS), *tables)
    assert "movies.csv" in line
    assert "'year'" in line


def test_a_port_in_use() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        line = _refused("--lab", "--port", port)
    assert port in line
    assert "in use" in line


@pytest.mark.parametrize("broken", ["PYTHON=/nowhere/python3", "PATH=/nowhere"])
def test_a_missing_tool_is_named_with_the_way_out(broken: str) -> None:
    done = subprocess.run(
        ["make", "tools", broken],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    first, *_ = done.stderr.splitlines()
    assert first.startswith("factorstack: needs Python 3.11 or newer")
    assert "install it" in first
