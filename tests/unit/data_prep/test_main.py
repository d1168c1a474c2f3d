"""The command line: what it writes, what it prints, and how it refuses."""

import json
from pathlib import Path

import pytest

from data_prep.__main__ import main
from data_prep.manifest import Manifest
from tests.unit.data_prep import catalogue


def test_generate_then_prepare_then_inspect(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, out = str(tmp_path / "lab.csv"), tmp_path / "out"
    assert main(["generate", "lab", "--out", table]) == 0
    assert main(["prepare", table, "--out", str(out)]) == 0
    assert main(["inspect", str(out / "train.recordio"), "--records", "2"]) == 0
    shown = capsys.readouterr().out
    assert "Columns: user=user_id, item=item_id, label=interaction" in shown
    assert "feature_dim 152" in shown
    assert "800 records, feature_dim 152, 1,600 values" in shown


def test_options_are_put_over_the_settings_file(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("u,i,r\n" + "".join(f"{n % 9},{n % 7},{n % 5}\n" for n in range(90)))
    settings = {
        "columns": {"user": "u", "item": "i", "label": "r"},
        "label": {"positive_at_least": 3},
        "split": {"seed": 1, "test_fraction": 0.5},
    }
    (tmp_path / "s.json").write_text(json.dumps(settings))
    arguments = ["prepare", str(table), "--out", str(tmp_path / "out"), "--seed", "7"]
    assert main([*arguments, "--settings", str(tmp_path / "s.json")]) == 0
    manifest = Manifest.load(tmp_path / "out")
    assert (manifest.split.seed, manifest.split.test_fraction) == (7, 0.5)
    assert manifest.label.positive_at_least == 3


def test_tables_are_joined_and_their_counts_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    rows, items, users = (
        str(catalogue.write(tmp_path / f"{name}.csv", table))
        for name, table in (
            ("rows", catalogue.ROWS),
            ("items", catalogue.ITEMS),
            ("users", catalogue.USERS),
        )
    )
    arguments = ["prepare", rows, "--items", items, "--users", users, "--out", str(out)]
    features = ["--item-features", "genres:multi_valued,year", "--user-features", "job,age:numeric"]
    assert main([*arguments, *features, "--label", "label"]) == 0
    shown = capsys.readouterr().out
    assert "Items: id=item_id, genres (multi_valued), year (categorical)" in shown
    assert "Users: 8 rows, 8 users found" in shown
    kinds = [(field.name, field.kind) for field in Manifest.load(out).fields[2:]]
    assert kinds == [
        ("job", "categorical"),
        ("age", "numeric"),
        ("genres", "multi_valued"),
        ("year", "categorical"),
    ]


def test_the_planted_table_comes_with_the_best_attainable_scores(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = ["--users", "50", "--items", "60", "--interactions", "500"]
    assert main(["generate", "planted", "--out", str(tmp_path / "p.csv"), *sizes]) == 0
    assert "No model does better than AUC 0." in capsys.readouterr().out


def test_choices_come_with_a_table_of_their_items(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, titles = tmp_path / "c.csv", tmp_path / "i.csv"
    sizes = ["--users", "50", "--items", "60", "--interactions", "500", "--temperature", "0.5"]
    arguments = ["generate", "choices", "--out", str(table), "--titles", str(titles), *sizes]
    assert main(arguments) == 0
    assert len(table.read_text().splitlines()) == 501
    assert len(titles.read_text().splitlines()) == 61
    assert capsys.readouterr().out.count("Wrote") == 2


def test_impossible_choices_are_a_refusal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["generate", "choices", "--out", str(tmp_path / "c.csv"), "--users", "1"]
    assert main(arguments) == 1
    assert "80000 interactions are not between" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["prepare", "{0}/no.csv", "--out", "{0}/out"], "there is no such file"),
        (["prepare", "{0}/t.csv", "--out", "{0}/out"], "0 or 1"),
        (
            ["prepare", "{0}/t.csv", "--out", "{0}/out", "--test-fraction", "2"],
            "split.test_fraction",
        ),
        (["prepare", "{0}/t.csv", "--out", "{0}/out", "--settings", "{0}/t.csv"], "cannot be read"),
        (
            ["prepare", "{0}/t.csv", "--out", "{0}/out", "--settings", "{0}/list.json"],
            "must be a JSON object",
        ),
        (
            ["prepare", "{0}/t.csv", "--out", "{0}/out", "--item-features", "genres"],
            "no such table",
        ),
        (["inspect", "{0}/t.csv"], "magic number"),
        (["inspect", "{0}/no.recordio"], "No such file"),
    ],
)
def test_a_refusal_is_one_line_and_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    (tmp_path / "t.csv").write_text("user,item,rating\n1,2,3\n1,3,5\n")
    (tmp_path / "list.json").write_text("[]")
    assert main([argument.format(tmp_path) for argument in arguments]) == 1
    shown = capsys.readouterr()
    assert shown.err.startswith("refused: ")
    assert message in shown.err
    assert "Traceback" not in shown.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"predictor_type": "regressor", "label": {"positive_at_least": 4}},
            "label.positive_at_least is for predictor_type binary_classifier",
        ),
        ({"seperator": ","}, "seperator: no such setting"),
        ({"columns": {"user": "x", "item": "x"}}, "columns: column 'x' has two roles"),
    ],
)
def test_settings_are_refused_in_words_without_the_prefix_of_pydantic(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    settings: dict[str, object],
    message: str,
) -> None:
    (tmp_path / "s.json").write_text(json.dumps(settings))
    arguments = ["prepare", "t.csv", "--out", "out", "--settings", str(tmp_path / "s.json")]
    assert main(arguments) == 1
    assert capsys.readouterr().err.startswith(f"refused: {message}")
