"""PrepareData against S3: objects are read and written in parts, and nothing half-written stays."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest
from pyarrow import csv

from data_prep.manifest import Manifest
from data_prep.preparation import prepare
from data_prep.settings import PrepareSettings, Purpose
from data_prep.synthetic import PlantedChoices, PlantedFM
from local.account import LocalAccount
from tasks import prepare_by_time, prepare_data
from tasks.evaluation import by_time
from tasks.evaluation.comparison import Comparison
from tasks.evaluation.measurements import Ranking
from tasks.run import s3_files
from tasks.run.errors import InvalidInputError
from tasks.run.payloads import Execution
from tasks.run.run_paths import Run

BUCKET = "prepare-in-s3"
CONTEXT: Any = SimpleNamespace(get_remaining_time_in_millis=lambda: 900_000)
PART = 5 << 20  # the smallest that S3 takes


@pytest.fixture
def s3(
    account: LocalAccount, client: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    """An empty bucket, in the account that the tasks see."""
    for name, value in {
        "AWS_ENDPOINT_URL": account.url,
        "AWS_CA_BUNDLE": str(account.certificate),
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "BUCKET": BUCKET,
        "DEPLOYMENT": "test",
        "TRAINING_MINUTES": "180",
    }.items():
        monkeypatch.setenv(name, value)
    s3 = client("s3")
    s3.create_bucket(Bucket=BUCKET)
    yield s3
    for key in keys(s3):
        s3.delete_object(Bucket=BUCKET, Key=key)
    s3.delete_bucket(Bucket=BUCKET)


def event(uri: str, **settings: object) -> Execution:
    """What PrepareData gets of an execution that names the interactions and some settings."""
    return {
        "execution": "x",
        "execution_arn": "arn",
        "started": "2026-01-01T12:00:00Z",
        "input": {"source": {"uri": uri}, **settings},
    }


def keys(s3: Any) -> list[str]:
    return [entry["Key"] for entry in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]


def put(s3: Any, key: str, body: bytes) -> str:
    s3.put_object(Bucket=BUCKET, Key=key, Body=body)
    return f"s3://{BUCKET}/{key}"


def test_an_object_reads_and_seeks_as_a_file(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_files, "_READ_BYTES", 1000)
    raw = bytes(range(256)) * 50
    (stored,) = s3_files.stored_files(put(s3, "raw/a b#c?.csv", raw))
    assert (stored.name, stored.size) == ("a b#c?.csv", len(raw))
    with stored.open("rb") as file:
        assert file.peek(2)[:2] == raw[:2]
        assert file.read() == raw
        assert file.read(1) == b""
        file.seek(-300, io.SEEK_END)
        assert file.read(7) == raw[-300:-293]


def test_a_prefix_is_all_objects_below_it_but_markers(s3: Any) -> None:
    for key in ("b.csv", "deep/er/a.csv", "_SUCCESS", "_temporary/x.csv", ".hidden", "dir/"):
        put(s3, f"raw/in/{key}", b"x")
    put(s3, "raw/inside.csv", b"x")
    files = s3_files.stored_files(f"s3://{BUCKET}/raw/in/")
    assert [str(file).partition("/in/")[2] for file in files] == ["b.csv", "deep/er/a.csv"]


@pytest.mark.parametrize(("key", "message"), [("no.csv", "no such object"), ("no/", "no object")])
def test_what_is_not_there_is_named(s3: Any, key: str, message: str) -> None:
    with pytest.raises(InvalidInputError, match=f"{key}: there is {message}"):
        s3_files.stored_files(f"s3://{BUCKET}/raw/{key}")


def test_an_object_that_changes_while_it_is_read_is_refused(
    s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_files, "_READ_BYTES", 1000)
    (stored,) = s3_files.stored_files(put(s3, "raw/a.csv", b"1" * 5000))
    with stored.open("rb") as file:
        file.read(10)
        put(s3, "raw/a.csv", b"2" * 5000)
        with pytest.raises(InvalidInputError, match=r"raw/a\.csv: it was changed"):
            file.read()


def test_files_are_objects_when_the_block_ends_well(
    s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_files, "_PART_BYTES", PART)
    pieces = [bytes([n]) * 1_000_003 for n in range(12)]
    with s3_files.uploads(f"s3://{BUCKET}/runs/x/") as open_upload:
        for name in ("train", "test"):
            with open_upload(name) as file:
                for piece in pieces if name == "train" else pieces[:1]:
                    file.write(piece)
        assert keys(s3) == []
    stored = {key: s3.get_object(Bucket=BUCKET, Key=key) for key in keys(s3)}
    assert stored["runs/x/train"]["Body"].read() == b"".join(pieces)
    assert stored["runs/x/test"]["Body"].read() == pieces[0]
    assert stored["runs/x/train"]["ETag"].strip('"').endswith("-3")  # it went in three parts


def fails_midway() -> None:
    with (
        s3_files.uploads(f"s3://{BUCKET}/runs/x/") as open_upload,
        open_upload("train") as file,
    ):
        file.write(b"x" * 2 * PART)
        raise RuntimeError("midway")


def test_nothing_is_left_when_the_block_fails(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_files, "_PART_BYTES", PART)
    with pytest.raises(RuntimeError, match="midway"):
        fails_midway()
    assert keys(s3) == []
    assert not s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads")


@pytest.mark.parametrize("purpose", ["ranking", "classification"])
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_handler_leaves_the_bytes_of_a_local_preparation(
    s3: Any, tmp_path: Path, kind: str, purpose: Purpose
) -> None:
    table = tmp_path / f"planted.{kind}"
    PlantedFM(users=60, items=90, interactions=2000).write(tmp_path / "planted.csv")
    if kind == "parquet":
        pq.write_table(csv.read_csv(tmp_path / "planted.csv"), table, row_group_size=300)
    uri = put(s3, f"raw/planted.{kind}", table.read_bytes())
    result = prepare_data.handler(event(uri, purpose=purpose), CONTEXT)
    prepare([table], tmp_path / "out", PrepareSettings(purpose=purpose))
    files = {str(p.relative_to(tmp_path / "out")): p for p in (tmp_path / "out").rglob("*.*")}
    assert sorted(keys(s3)) == sorted([f"raw/planted.{kind}", *(f"runs/x/data/{f}" for f in files)])
    for name, path in files.items():
        stored = s3.get_object(Bucket=BUCKET, Key=f"runs/x/data/{name}")["Body"].read()
        assert stored == path.read_bytes(), name
    assert result["train_uri"] == f"s3://{BUCKET}/runs/x/data/train.recordio"


def choices(s3: Any, folder: Path) -> str:
    PlantedChoices(users=60, items=90, interactions=2000).write(folder / "choices.csv")
    return put(s3, "raw/choices.csv", (folder / "choices.csv").read_bytes())


def test_the_data_of_the_second_model_are_those_of_a_preparation_by_time(
    s3: Any, tmp_path: Path
) -> None:
    execution = event(choices(s3, tmp_path))
    first = prepare_data.handler(execution, CONTEXT)
    assert first["not_by_time"] is None
    second = prepare_by_time.handler(execution, CONTEXT)
    split = {"strategy": "time", "strangers": 0}
    settings = PrepareSettings.model_validate({"purpose": "ranking", "split": split})
    prepare([tmp_path / "choices.csv"], tmp_path / "out", settings)
    for part, uri in (("train", second["train_uri"]), ("test", second["test_uri"])):
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        assert key == f"runs/x/by-time/data/{part}.recordio"
        stored = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        assert stored == (tmp_path / "out" / f"{part}.recordio").read_bytes()


def test_a_second_model_that_is_damaged_is_explained_and_does_no_harm(
    s3: Any, tmp_path: Path
) -> None:
    execution = event(choices(s3, tmp_path))
    prepared = prepare_data.handler(execution, CONTEXT)
    prepare_by_time.handler(execution, CONTEXT)
    url = put(s3, "runs/x/by-time/model/j/output/model.tar.gz", b"no archive")
    trained: Any = {"job_name": "j", "model_data_url": url}
    first = Ranking(users=1, items=1, comparison=Comparison({}))
    evaluated: Any = {**execution, "prepared": prepared, "by_time": {"trained": trained}}
    beside = by_time.beside(first, Run(BUCKET, "x"), evaluated)
    assert beside.by_time is None
    assert "the model archive is damaged" in str(beside.not_by_time)
    s3.delete_object(Bucket=BUCKET, Key="runs/x/by-time/data/strangers.parquet")
    beside = by_time.beside(first, Run(BUCKET, "x"), evaluated)
    assert "strangers.parquet: there is no such object" in str(beside.not_by_time)


def test_tables_beside_the_interactions_are_read_from_s3(s3: Any, tmp_path: Path) -> None:
    choices, items = tmp_path / "choices.csv", tmp_path / "items.csv"
    PlantedChoices(users=60, items=90, interactions=2000).write(choices, items)
    uri = put(s3, "raw/choices.csv", choices.read_bytes())
    table = {"uri": put(s3, "raw/items.csv", items.read_bytes()), "features": ["genres"]}
    prepare_data.handler(event(uri, items=table), CONTEXT)
    stored = s3.get_object(Bucket=BUCKET, Key="runs/x/data/manifest.json")["Body"].read()
    manifest = Manifest.model_validate_json(stored)
    assert (manifest.purpose, manifest.has_titles) == ("ranking", True)
    assert "genres" in {field.name for field in manifest.fields}


def test_a_table_that_is_not_there_is_named(s3: Any) -> None:
    uri = put(s3, "raw/a.csv", b"user_id,item_id\n1,2\n")
    users = {"uri": f"s3://{BUCKET}/raw/users.csv"}
    with pytest.raises(InvalidInputError, match=r"raw/users\.csv: there is no such object"):
        prepare_data.handler(event(uri, users=users), CONTEXT)


def test_a_refusal_of_the_handler_names_the_object_and_leaves_nothing(s3: Any) -> None:
    good = "user_id,item_id,label\n" + "1,2,1\n2,1,0\n" * 20
    uri = put(s3, "raw/a.csv", (good + "1,2,5\n").encode())
    with pytest.raises(InvalidInputError, match=f"^{uri}, line 42, column 'label'"):
        prepare_data.handler(event(uri), CONTEXT)
    assert keys(s3) == ["raw/a.csv"]
    assert not s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads")
