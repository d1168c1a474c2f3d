"""Everyone's recommendations in files."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tasks.recommending import list_shards
from tasks.recommending.list_shards import everyone, write
from tasks.recommending.question import Question
from tasks.recommending.recommender import Recommender
from tasks.run.catalogue import Catalogue
from tests.unit.tasks.ranked_run import Ranked


def _files(prepared: Any, folder: Path, top_n: int = 5) -> list[list[Path]]:
    model = prepared.model(noise=True)
    return list(write(everyone(model, prepared.catalogue, top_n), folder, {}))


def test_every_user_has_what_the_recommend_function_answers(prepared: Any, tmp_path: Path) -> None:
    ((lines, _),) = _files(prepared, tmp_path)
    entries = [json.loads(line) for line in lines.read_text().splitlines()]
    assert [entry["user"] for entry in entries] == prepared.catalogue.encoder.user_ids
    recommender = Recommender.build(prepared.model(noise=True), prepared.catalogue.encoder)
    for entry in entries[:10]:
        answer = recommender.answer(Question(user=entry["user"], n=5))
        assert [one["item"] for one in entry["recommendations"]] == [
            one["item"] for one in answer["recommendations"]
        ]


def test_parquet_holds_the_same(prepared: Any, tmp_path: Path) -> None:
    ((lines, table),) = _files(prepared, tmp_path)
    rows = pq.read_table(table).to_pylist()
    expected = [
        (entry["user"], rank, one["item"])
        for entry in map(json.loads, lines.read_text().splitlines())
        for rank, one in enumerate(entry["recommendations"], 1)
    ]
    assert [(row["user"], row["rank"], row["item"]) for row in rows] == expected


def test_shards_split_the_users(
    prepared: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_shards, "BATCH_USERS", 25)
    monkeypatch.setattr(list_shards, "SHARD_USERS", 50)
    shards = _files(prepared, tmp_path)
    assert [path.name for path, _ in shards] == [f"part-0000{n}.jsonl" for n in range(3)]
    users = [
        json.loads(line)["user"] for lines, _ in shards for line in lines.read_text().splitlines()
    ]
    assert users == prepared.catalogue.encoder.user_ids


def test_a_user_who_has_had_everything_gets_an_empty_list(prepared: Any, tmp_path: Path) -> None:
    class Exhausted(type(prepared.catalogue)):  # type: ignore[misc]
        def seen(self, users: Any) -> Any:
            return [range(self.items)] * len(users)

    catalogue = Exhausted.build(prepared.catalogue.encoder)
    ((lines, table),) = write(everyone(prepared.model(), catalogue, 5), tmp_path, {})
    assert {len(json.loads(line)["recommendations"]) for line in lines.open()} == {0}
    assert pq.read_table(table).num_rows == 0


def test_users_with_a_history_have_what_the_recommend_function_answers(
    ranker: Ranked, tmp_path: Path
) -> None:
    catalogue = Catalogue.build(ranker.encoder)
    titles = ranker.encoder.titles
    ((lines, table),) = write(everyone(ranker.model, catalogue, 5), tmp_path, titles)
    entries = [json.loads(line) for line in lines.read_text().splitlines()]
    assert [entry["user"] for entry in entries] == ranker.encoder.user_ids
    for entry in entries:
        answer = ranker.recommender.answer(Question(user=entry["user"], n=5))
        for written, answered in zip(
            entry["recommendations"], answer["recommendations"], strict=True
        ):
            assert written == {**answered, "score": pytest.approx(answered["score"], abs=2e-6)}
    shown = [one for entry in entries for one in entry["recommendations"]]
    assert {"title" in one for one in shown} == {True, False}
    column = pq.read_table(table).column("title").to_pylist()
    assert column == [one.get("title") for one in shown]


def test_without_titles_there_is_no_column_for_them(prepared: Any, tmp_path: Path) -> None:
    ((_, table),) = _files(prepared, tmp_path)
    assert pq.read_schema(table).names == ["user", "rank", "item", "score"]
