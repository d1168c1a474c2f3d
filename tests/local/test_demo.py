"""`make demo`: from nothing to recommendations and back to nothing, on planted interactions."""

import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
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
    "ask the live endpoint",
    "cdk destroy --all",
    "look for what is left",
    "stop the local account",
]


@pytest.fixture(scope="module")
def demo() -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "commands.demo"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip


def test_it_succeeds(demo: subprocess.CompletedProcess[str]) -> None:
    assert demo.returncode == 0, demo.stdout + demo.stderr


def test_each_step_has_a_line_with_its_time_in_order(
    demo: subprocess.CompletedProcess[str],
) -> None:
    done = re.findall(r"^✔ (.+?) \d+\.\d s", demo.stdout, re.MULTILINE)
    assert [step for step in done if step in STEPS] == STEPS


def test_the_model_learns_what_was_planted(demo: subprocess.CompletedProcess[str]) -> None:
    row = re.search(r"auc +│ +([\d.]+) +│ +([\d.]+) +│ +([\d.]+)", demo.stdout)
    assert row is not None, demo.stdout
    model, baseline, best = map(float, row.groups())
    assert baseline + 0.05 < model <= best
    assert best - model < 0.08


def test_ten_items_are_recommended_to_each_of_the_users(
    demo: subprocess.CompletedProcess[str],
) -> None:
    ranks = re.findall(r"^│ +(\d+) │ (\d+) +[\d.]+ +│ (\d+) +[\d.]+ +│ (\d+) ", demo.stdout, re.M)
    assert [int(rank) for rank, *_ in ranks] == list(range(1, 11))


def test_nothing_is_left(demo: subprocess.CompletedProcess[str]) -> None:
    assert "nothing is left of factorstack" in demo.stdout


def test_the_account_is_gone(demo: subprocess.CompletedProcess[str]) -> None:
    port = re.search(r"https://127\.0\.0\.1:(\d+)", demo.stdout)
    assert port is not None
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(port.group(1))), timeout=5)
