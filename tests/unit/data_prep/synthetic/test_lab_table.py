"""The lab's table."""

from pathlib import Path

import numpy as np

from data_prep.synthetic import lab


def test_the_lab_data_is_that_of_the_lab(tmp_path: Path) -> None:
    np.random.seed(42)
    users = np.random.randint(1, 101, 1000)
    items = np.random.randint(1, 51, 1000)
    labels = np.random.choice([0, 1], 1000, p=[0.9, 0.1])
    lab(tmp_path / "lab.csv")
    header, *lines = (tmp_path / "lab.csv").read_text().splitlines()
    assert header == "user_id,item_id,interaction"
    assert lines == [f"{u},{i},{y}" for u, i, y in zip(users, items, labels, strict=True)]
