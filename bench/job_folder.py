"""A training job's folder, laid out as SageMaker gives it to the container."""

import json
from collections.abc import Mapping
from pathlib import Path

from data_prep import recordio
from fm.arrays import CsrRows, Float32s
from local.fm_container.content_types import RECORDIO

Rows = tuple[CsrRows, Float32s]  # feature rows (n, d) and labels (n,)


def write(
    root: Path, hyperparameters: Mapping[str, object], channels: Mapping[str, Rows | Path]
) -> None:
    """Write channels and configuration below `root`, which stands for /opt/ml.

    Args:
        root: The folder, which is empty.
        hyperparameters: Name -> value.
        channels: Name -> feature rows and labels, or a RecordIO file of them, which is linked to.
    """
    for name, channel in channels.items():
        path = root / "input" / "data" / name / f"{name}.recordio"
        path.parent.mkdir(parents=True)
        if isinstance(channel, Path):
            path.symlink_to(channel.resolve())
            continue
        with path.open("wb") as file:
            recordio.write(file, *channel)
    config = root / "input" / "config"
    config.mkdir()
    form = {"ContentType": RECORDIO, "TrainingInputMode": "File"}
    for name, content in {
        "hyperparameters": {key: str(value) for key, value in hyperparameters.items()},
        "inputdataconfig": dict.fromkeys(channels, form),
        "resourceconfig": {"current_host": "algo-1", "hosts": ["algo-1"]},
    }.items():
        (config / f"{name}.json").write_text(json.dumps(content))
