"""Channels are read as SageMaker does, and bad ones refused in its words."""

import gzip
import json
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from tests.unit.local.fm_container.conftest import (
    RECORDIO,
    D,
    Run,
    encoded,
    failure,
    make_data,
    model_of,
    write_root,
)


@pytest.mark.parametrize("second", ["z/rest", "train.recordio2", "train.recordio/rest"])
def test_several_files_are_read_in_the_order_of_s3_s_listing(
    run: Run, tmp_path: Path, data: Any, second: str
) -> None:
    rows, labels = data
    whole, parts = write_root(tmp_path / "whole", encoded(*data)), tmp_path / "parts"
    run(whole)
    opt_ml = write_root(parts, b"")
    folder = opt_ml.data / "train"
    (folder / "train.recordio").unlink()
    (folder / second).parent.mkdir(exist_ok=True)
    (folder / second).write_bytes(encoded(rows[50:], labels[50:]))
    (folder / "train.recordio-1").write_bytes(encoded(rows[:50], labels[:50]))
    run(opt_ml)
    assert np.array_equal(model_of(parts).factors, model_of(tmp_path / "whole").factors)


def test_pipe_mode_gives_the_same_model_as_file_mode(run: Run, tmp_path: Path, data: Any) -> None:
    contents = encoded(*data)
    run(write_root(tmp_path / "file", contents, contents, epochs="3"))
    opt_ml = write_root(tmp_path / "pipe", contents, contents, epochs="3")
    config = opt_ml.root / "input" / "config" / "inputdataconfig.json"
    piped = {**RECORDIO, "TrainingInputMode": "Pipe"}
    config.write_text(json.dumps({"train": piped, "test": piped}))

    def feed() -> None:
        for name in ("train_0", "train_1", "train_2", "test_0"):
            fifo = opt_ml.data / name
            os.mkfifo(fifo)
            fifo.write_bytes(contents)
            fifo.unlink()

    feeder = threading.Thread(target=feed)
    feeder.start()
    code, log = run(opt_ml)
    feeder.join()
    assert code == 0
    assert np.array_equal(model_of(opt_ml.root).factors, model_of(tmp_path / "file").factors)
    assert "test binary_f_1.000" in log


UNREADABLE = "Unable to read data channel 'train'."
CONTENT = f"{UNREADABLE} Requested content-type is 'application/x-recordio-protobuf'."


def broken() -> dict[str, tuple[bytes, str]]:
    """Train channels that are refused, and what the failure must say."""
    rows, labels = make_data()
    good = encoded(rows, labels)
    nan, infinite, three = labels.copy(), labels.copy(), labels.copy()
    nan[3], infinite[3], three[3] = np.nan, np.inf, 3
    at = good.find(labels[3].tobytes(), len(encoded(rows[:3], labels[:3])))

    def relabelled(value: Any) -> bytes:
        begin = len(encoded(rows[:4], labels[:4])) - 4
        place = good.rfind(b"\x0a\x04", 0, begin + 4) + 2
        return good[:place] + np.float32(value).tobytes() + good[place + 4 :]

    assert at > 0
    return {
        "gzip": (gzip.compress(good), CONTENT),
        "csv": (b"1,2,3\n" * 50, CONTENT),
        "truncated": (good[:-5], CONTENT),
        "nan": (relabelled(np.nan), f"{UNREADABLE} Found missing (NaN) values."),
        "infinite": (relabelled(np.inf), f"{UNREADABLE} Found infinite floating point values."),
        "label 3": (relabelled(3), "labels that are 0 or 1"),
        "no label": (encoded(rows, None), "Label size on train dataset found to be 0."),
        "width": (
            encoded(sparse.csr_array((5, D + 1), dtype=np.float32), labels[:5]),
            f"'{D}' doesn't match train data dimensionality '{D + 1}'.",
        ),
        "empty": (b"", UNREADABLE),
    }


@pytest.mark.parametrize("kind", list(broken()))
def test_bad_data_is_the_customer_s_error(run: Run, tmp_path: Path, kind: str) -> None:
    contents, message = broken()[kind]
    code, log = run(write_root(tmp_path, contents))
    assert code == 2
    assert failure(tmp_path).startswith("Customer Error: ")
    assert message in failure(tmp_path)
    assert message in log
    assert not (tmp_path / "model" / "model_algo-1").exists()


def test_a_gzipped_file_is_refused_for_its_magic_number(run: Run, tmp_path: Path) -> None:
    run(write_root(tmp_path, broken()["gzip"][0]))
    assert "\n\nCaused by: (Input Error) Unable to parse record" in failure(tmp_path)
    assert "magic number" in failure(tmp_path)


@pytest.mark.parametrize(
    ("channels", "message"),
    [
        ({"test": RECORDIO}, "'train'"),
        ({"train": RECORDIO, "validation": RECORDIO}, "'validation'"),
        ({"train": {**RECORDIO, "ContentType": "text/csv"}}, "content-type is 'text/csv'"),
    ],
)
def test_wrong_channels_are_the_customer_s_error(
    run: Run, tmp_path: Path, data: Any, channels: Any, message: str
) -> None:
    opt_ml = write_root(tmp_path, encoded(*data))
    (tmp_path / "input" / "config" / "inputdataconfig.json").write_text(json.dumps(channels))
    code, _ = run(opt_ml)
    assert code == 2
    assert "Unable to read data channel" in failure(tmp_path)
    assert message in failure(tmp_path)
