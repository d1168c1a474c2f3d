"""The speed of data_prep: python bench/preparing.py codec | pipeline | ranking [--rows N ...].

codec: the RecordIO-protobuf writer and reader against those of the SageMaker Python SDK 2 (when it
is installed: tests/conformance/sdk/requirements.txt), in one process on one core.
pipeline: CSV to shuffled train and test parts, each size in a process of its own.
ranking: the same for likes, with histories and negatives.
"""

import argparse
import importlib
import io
import os
import resource
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias, cast

import numpy as np
import scipy.sparse as sp

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from data_prep import PrepareSettings, prepare, recordio
from data_prep.arrays import Float32s
from data_prep.settings import Purpose
from data_prep.synthetic import PlantedChoices, PlantedFM

MEGA = 1e6
SDK_ROWS = 20_000  # the SDK is slow, and its time is linear
CsrMatrix: TypeAlias = "sp.csr_matrix[np.float32]"  # the SDK takes no csr_array
Table = tuple[CsrMatrix, Float32s]  # features (n, d) and labels (n,)

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class Null(io.RawIOBase):
    """A file that keeps nothing."""

    def write(self, data: "ReadableBuffer") -> int:
        return memoryview(data).nbytes


NULL = cast("BinaryIO", Null())


def two_hot(rows: int, users: int, items: int) -> Table:
    """Return rows of a user and an item, all values 1."""
    random = np.random.default_rng(0)
    keys = np.stack(
        [random.integers(0, users, rows), random.integers(users, users + items, rows)], 1
    )
    data, indptr = np.ones(2 * rows, np.float32), np.arange(0, 2 * rows + 1, 2)
    features = sp.csr_matrix((data, keys.astype(np.int32).ravel(), indptr), (rows, users + items))
    return features, random.integers(0, 2, rows).astype(np.float32)


def ragged(rows: int, columns: int, least: int, most: int) -> Table:
    """Return rows of `least` to `most` values."""
    random = np.random.default_rng(0)
    counts = random.integers(least, most + 1, rows)
    indptr = np.concatenate([[0], np.cumsum(counts)])
    share = columns // (most + 1)
    within = np.arange(indptr[-1]) - np.repeat(indptr[:-1], counts)
    keys = (random.integers(0, share, indptr[-1]) + within * share).astype(np.int32)
    data = random.random(indptr[-1], dtype=np.float32)
    labels = random.integers(0, 2, rows).astype(np.float32)
    return sp.csr_matrix((data, keys, indptr), (rows, columns)), labels


def seconds(work: Callable[[], object], repeats: int = 9) -> float:
    """Return the least time of the processor: whatever else the machine does only adds to it."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def sdk() -> Any:  # a module without types
    """Return the module of the SDK that reads and writes records; None: it is not installed."""
    os.environ["SAGEMAKER_SUPPRESS_V2_WARNING"] = "1"
    try:
        return importlib.import_module("sagemaker.amazon.common")
    except ImportError:
        return None


def sdk_read(common: Any, raw: bytes) -> None:
    """Read records and their contents, as a user of the SDK must."""
    for record in common.read_records(io.BytesIO(raw)):
        tensor = record.features["values"].float32_tensor
        _ = list(tensor.values), list(tensor.keys), record.label["values"].float32_tensor.values[0]


def codec(scratch: Path) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    tables = {
        "two-hot, ML-100K's size": two_hot(100_000, 943, 1_682),
        "two-hot, ML-1M's size": two_hot(1_000_000, 6_040, 3_706),
        "two-hot, ML-25M's size": two_hot(1_000_000, 162_541, 59_047),
        "ragged, 1 to 3 values": ragged(1_000_000, 9_746, 1, 3),
        "ragged, 0 to 5 values": ragged(500_000, 230_000, 0, 5),
        "ragged, 2 to 20 values": ragged(200_000, 230_000, 2, 20),
    }
    common = sdk()
    show("", "write, M rows/s", "MB/s", "x SDK", "to a file", "x write()", "read", "x SDK")
    for name, table in tables.items():
        show(name, *compared(scratch, common, *table))
    for name, (features, labels) in tables.items():
        tracemalloc.start()
        recordio.write(NULL, features, labels)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        show(name, f"{len(labels):,} rows:", f"{peak / MEGA:.0f} MB", " beyond the input")


def compared(scratch: Path, common: Any, features: CsrMatrix, labels: Float32s) -> list[str]:
    """Return the cells of a table's row; `common` is what `sdk` returns."""
    rows = features.shape[0]
    file = io.BytesIO()
    recordio.write(file, features, labels)
    raw = file.getvalue()
    write = rows / seconds(partial(recordio.write, NULL, features, labels))
    to_file = rows / seconds(partial(write_file, scratch, features, labels))
    plain = rows / seconds(partial(write_raw, scratch, raw))
    read = rows / seconds(partial(read_all, raw))
    times_write = times_read = "-"
    if common is not None:
        some, some_labels = features[:SDK_ROWS], labels[:SDK_ROWS]
        part = io.BytesIO()
        recordio.write(part, some, some_labels)
        slow = seconds(partial(common.write_spmatrix_to_sparse_tensor, NULL, some, some_labels), 3)
        slow_read = seconds(partial(sdk_read, common, part.getvalue()), 3)
        times_write = f"{write * slow / SDK_ROWS:,.0f}"
        times_read = f"{read * slow_read / SDK_ROWS:,.0f}"
    return [
        f"{write / MEGA:.2f}",
        f"{write * len(raw) / rows / MEGA:,.0f}",
        times_write,
        f"{to_file / MEGA:.2f}",
        f"{to_file / plain:.0%}",
        f"{read / MEGA:.2f}",
        times_read,
    ]


def read_all(raw: bytes) -> None:
    for _ in recordio.read_batches(io.BytesIO(raw)):
        pass


def write_file(scratch: Path, features: CsrMatrix, labels: Float32s) -> None:
    with (scratch / "out").open("wb", buffering=0) as file:
        recordio.write(file, features, labels)


def write_raw(scratch: Path, raw: bytes) -> None:
    piece = 2 << 20
    with (scratch / "out").open("wb", buffering=0) as file:
        for start in range(0, len(raw), piece):
            file.write(raw[start : start + piece])


def pipeline(sizes: list[int], scratch: Path, purpose: Purpose) -> None:
    show("rows", "CSV MB", "s", "M rows/s", "CPU s", "peak MB", "train+test MB")
    for rows in sizes:
        source = scratch / f"{rows}.csv"
        # In processes of their own: a child's peak memory is at least that of its parent.
        run("generate", str(source), str(rows), purpose)
        run("one", str(source), str(scratch / "out"), purpose)
        source.unlink()


def run(*arguments: str) -> None:
    """Run this program in a process of its own."""
    subprocess.run([sys.executable, __file__, *arguments], check=True)  # noqa: S603


def generate(source: Path, rows: int, purpose: Purpose) -> None:
    if purpose == "ranking":
        PlantedChoices(rows // 100, rows // 200, rows).write(source)
        return
    users, items = max(50, rows * 162_541 // 25_000_000), max(200, min(59_047, rows // 100))
    PlantedFM(users, items, rows, popularity=1.0).write(source)


def one(source: Path, out: Path, purpose: Purpose) -> None:
    start = time.perf_counter()
    prepare([source], out, PrepareSettings(purpose=purpose))
    wall = time.perf_counter() - start
    with source.open("rb") as file:
        rows = sum(1 for _ in file) - 1
    written = sum(path.stat().st_size for path in out.glob("*.recordio"))
    show(
        f"{rows:,}",
        f"{source.stat().st_size / MEGA:,.0f}",
        f"{wall:.1f}",
        f"{rows / wall / MEGA:.2f}",
        f"{time.process_time():.1f}",
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f}",
        f"{written / MEGA:,.0f}",
    )


def show(*cells: str) -> None:
    first, *others = cells
    print(f"{first:<24}" + "".join(f"{cell:>16}" for cell in others), flush=True)  # noqa: T201


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("codec")
    for name, sizes in (
        ("pipeline", [1_000_000, 5_000_000, 25_000_000]),
        ("ranking", [1_000_000]),
    ):
        command = commands.add_parser(name)
        command.add_argument("--rows", type=int, nargs="+", default=sizes)
    command = commands.add_parser("one")
    command.add_argument("source", type=Path)
    command.add_argument("out", type=Path)
    command.add_argument("purpose")
    command = commands.add_parser("generate")
    command.add_argument("source", type=Path)
    command.add_argument("rows", type=int)
    command.add_argument("purpose")
    arguments = parser.parse_args()
    if arguments.command == "generate":
        generate(arguments.source, arguments.rows, arguments.purpose)
        return
    if arguments.command == "one":
        one(arguments.source, arguments.out, arguments.purpose)
        return
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_DIR")) as scratch:
        if arguments.command == "codec":
            codec(Path(scratch))
        else:
            purpose: Purpose = "ranking" if arguments.command == "ranking" else "classification"
            pipeline(arguments.rows, Path(scratch), purpose)


if __name__ == "__main__":
    main()
