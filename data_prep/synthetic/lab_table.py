"""The table of the SageMaker lab, whose labels are pure noise."""

from pathlib import Path

import numpy as np


def lab(path: Path) -> None:
    """Write the SageMaker lab's 1000 interactions, bit for bit: user_id, item_id, interaction.

    The lab seeds numpy's legacy generator with 42, then draws the three columns in this order:
    100 users, 50 items, and 0 or 1 with one in ten positive, each independent of the others.
    """
    random = np.random.RandomState(42)
    users = random.randint(1, 101, size=1000)
    items = random.randint(1, 51, size=1000)
    interactions = random.choice([0, 1], size=1000, p=[0.9, 0.1])
    rows = zip(users.tolist(), items.tolist(), interactions.tolist(), strict=True)
    lines = ["user_id,item_id,interaction", *(f"{u},{i},{label}" for u, i, label in rows), ""]
    path.write_text("\n".join(lines), encoding="utf-8", newline="\n")
