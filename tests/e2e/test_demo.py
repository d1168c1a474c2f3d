"""`make demo`: from nothing to recommendations and back to nothing, on planted interactions."""

import re
import socket
import subprocess

import numpy as np
import pytest

from tests.docs import pages
from tests.e2e.conftest import ROOT, run_command

STEPS = [
    "start the local account",
    "cdk synth",
    "cdk bootstrap",
    "cdk deploy --all",
    "upload the interactions",
    "PrepareData",
    "TrainModel",
    "EvaluateModel",
    "GateModel",
    "DeployModel",
    "VerifyEndpoint",
    "PublishRecommendations",
    "ask the recommend function",
    "ask the live endpoint",
    "cdk destroy --all",
    "look for what is left",
    "stop the local account",
]
Demo = subprocess.CompletedProcess[str]
REPORT = ROOT / "build" / "report.html"


def _run_demo(*arguments: str) -> Demo:
    REPORT.unlink(missing_ok=True)
    return run_command("commands.demo", *arguments)


def _assert_gone(done: Demo) -> None:
    port = re.search(r"https://127\.0\.0\.1:(\d+)", done.stdout)
    assert port is not None, done.stdout
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(port.group(1))), timeout=5)


@pytest.fixture(scope="module")
def demo() -> Demo:
    return _run_demo()


@pytest.fixture(scope="module")
def rejected(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """A demo on choices that are noise, with times, whose model the default gate rejects."""
    path = tmp_path_factory.mktemp("noise") / "noise.csv"
    draw = np.random.default_rng(5)
    rows = zip(draw.integers(200, size=2000), draw.integers(100, size=2000), strict=True)
    lines = [f"{user},{item},{time}" for time, (user, item) in enumerate(rows)]
    path.write_text("\n".join(["user_id,item_id,timestamp", *lines, ""]))
    return _run_demo("--data", str(path))


def test_it_succeeds(demo: Demo) -> None:
    assert demo.returncode == 0, demo.stdout + demo.stderr


def test_each_step_has_a_line_with_its_time_in_order(demo: Demo) -> None:
    done = re.findall(r"^✔ (.+?) \d+\.\d s", demo.stdout, re.MULTILINE)
    assert [step for step in done if step in STEPS] == STEPS


@pytest.mark.parametrize("page", ["README.md", "docs/quick-start.md"])
def test_it_prints_what_the_documentation_shows(demo: Demo, page: str) -> None:
    (shown,) = (c.shown for c in pages.commands(ROOT / page) if c.words == ["make", "demo"])
    assert len(shown) > 10
    assert pages.not_printed(shown, demo.stdout) == []


def test_it_begins_with_the_purpose_and_the_size_plan(demo: Demo) -> None:
    first, *others = demo.stdout.splitlines()
    assert first.startswith("Purpose ranking: ")
    assert "PURPOSE=classification" in first
    assert any(line.startswith("Plan: 10 negatives") for line in others[:5])


def test_planted_choices_are_not_judged_by_time(demo: Demo) -> None:
    assert "No second model by time: planted choices do not drift" in demo.stdout
    assert "Not judged by time: evaluation.by_time is false." in demo.stdout


def test_the_lists_are_better_than_popularity_and_no_better_than_the_truth(demo: Demo) -> None:
    (row,) = re.findall(r"ndcg@10 +" + r"│ +([\d.]+) +" * 5, demo.stdout)
    model, ease, _, popularity, best = map(float, row)
    assert popularity + 0.1 < model < best
    assert ease - 0.03 < model


def test_three_users_and_a_stranger_get_lists_with_titles_and_causes(demo: Demo) -> None:
    ranks = re.findall(r"^│ +(\d+) │ \d+ [A-Z]\w+ .*[\d.]+ +│ \d+ \w+", demo.stdout, re.M)
    assert list(map(int, ranks)) == [*range(1, 6)] * 4
    assert len(re.findall(r"^For user \d+$", demo.stdout, re.M)) == 3
    assert len(re.findall(r"^History, newest first: \d+ [A-Z]", demo.stdout, re.M)) == 4
    assert "For someone whom training does not know, by three clicks" in demo.stdout


def test_the_endpoint_scores_as_the_function_does(demo: Demo) -> None:
    found = re.search(r"20 scores as the function's, to (\S+)", demo.stdout)
    assert found is not None, demo.stdout
    assert float(found.group(1)) < 1e-5


def test_nothing_is_left(demo: Demo) -> None:
    assert "nothing is left of factorstack" in demo.stdout


def test_the_account_is_gone(demo: Demo) -> None:
    _assert_gone(demo)


def test_the_report_is_kept(demo: Demo) -> None:
    assert "build/report.html" in demo.stdout
    assert REPORT.read_text().startswith("<!doctype html>")


def test_a_model_that_is_rejected_fails_the_demo(rejected: Demo) -> None:
    assert rejected.returncode == 2
    (line,) = rejected.stderr.splitlines()
    assert "ModelRejected" in line
    assert "✘ GateModel" in rejected.stdout


def test_a_rejected_model_has_a_report_too(rejected: Demo) -> None:
    assert "build/report.html" in rejected.stdout
    assert "Rejected by the gate" in REPORT.read_text()


def test_choices_with_times_are_judged_by_time_as_well(rejected: Demo) -> None:
    assert "A second model is trained by time, to judge only" in rejected.stdout
    done = re.findall(r"^. (\w+) +\d+\.\d s", rejected.stdout, re.MULTILINE)
    at = done.index("TrainModel")
    assert done[at : at + 4] == ["TrainModel", "PrepareByTime", "TrainByTime", "EvaluateModel"]


def test_the_report_has_the_split_by_time_beside_the_random_one(rejected: Demo) -> None:
    section = REPORT.read_text().partition("<h2>By time, beside")[2]
    table = section[: section.index("</table>")]
    rows = re.findall(r"<tr><td class=\"\">([\w ]+)</td>(.*?)</tr>", table)
    assert [name for name, _ in rows] == ["at random", "by time"]
    for _, cells in rows:
        assert len(re.findall(r">0\.\d{4}<", cells)) == 4


def test_the_account_of_a_failed_demo_is_gone(rejected: Demo) -> None:
    _assert_gone(rejected)
