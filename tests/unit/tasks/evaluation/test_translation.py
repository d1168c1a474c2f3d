"""An older model scores a newer run's rows as if it had prepared them itself."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from data_prep.encoder import Encoder
from data_prep.manifest import Manifest
from tasks.evaluation.translation import Translation


def test_rows_become_what_the_other_run_would_have_encoded(prepared: Any, earlier: Any) -> None:
    ours, theirs = prepared.catalogue.encoder, earlier.catalogue.encoder
    users, items = ours.user_ids[:50], ours.item_ids[:50]
    assert users != theirs.user_ids[:50]
    translated = Translation.load(prepared.data, earlier.data)(ours.encode(users, items))
    assert abs(translated - theirs.encode(users, items)).max() == 0


def test_what_neither_knows_is_unknown_to_both(prepared: Any, earlier: Any) -> None:
    ours, theirs = prepared.catalogue.encoder, earlier.catalogue.encoder
    row = ours.encode(["nobody"], ["nothing"])
    translated = Translation.load(prepared.data, earlier.data)(row)
    assert abs(translated - theirs.encode(["nobody"], ["nothing"])).max() == 0


def test_numbers_are_scaled_anew(prepared: Any, tmp_path: Path) -> None:
    def with_number(folder: Path, mean: float, scale: float) -> Path:
        manifest = Manifest.load(prepared.data)
        document = manifest.model_dump(mode="json")
        start = manifest.feature_dim
        number = {"role": "item_feature", "kind": "numeric", "start": start, "size": 1}
        number |= {"name": "price", "mean": mean, "scale": scale}
        template = dict.fromkeys(document["fields"][0])
        document["fields"].append({**template, "key": "price", **number})
        document["fields"][-1] = {
            key: value
            for key, value in document["fields"][-1].items()
            if key in type(manifest.fields[0]).model_fields
        }
        document["feature_dim"] += 1
        folder.mkdir()
        Manifest.model_validate(document).save(folder)
        (folder / "vocabulary").symlink_to(prepared.data / "vocabulary")
        return folder

    source = with_number(tmp_path / "a", mean=10.0, scale=2.0)
    target = with_number(tmp_path / "b", mean=4.0, scale=4.0)

    d = Encoder.load(prepared.data).feature_dim
    price = 14.0
    row = sp.csr_array(([1.0, (price - 10) / 2], ([0, 0], [0, d])), shape=(1, d + 1))
    translated = Translation.load(source, target)(row.astype(np.float32))
    assert translated.toarray()[0, d] == pytest.approx((price - 4) / 4)


def test_a_history_holds_what_both_know_and_weighs_anew(ranked: Any, ranked_earlier: Any) -> None:
    ours, theirs = ranked.catalogue.encoder, ranked_earlier.catalogue.encoder
    users = ours.user_ids[:50]
    histories = [ours.history(user) for user in users]
    known = [
        np.array([theirs.item_indices([ours.item_ids[item]])[0] for item in history])
        for history in histories
    ]
    left = [history[history >= 0] for history in known]
    assert sum(map(len, left)) < sum(map(len, histories))
    translated = Translation.load(ranked.data, ranked_earlier.data)(
        ours.encode(users, ours.item_ids[:50], histories=histories)
    )
    expected = theirs.encode(users, ours.item_ids[:50], histories=left)
    assert abs(translated - expected).max() < 1e-6
