"""Recommendations of a model with side features and a context, and of items it does not know."""

from typing import Any

import numpy as np
import pytest

from data_prep.column_settings import Columns, Feature
from data_prep.encoder import Encoder
from data_prep.preparation import prepare
from data_prep.settings import PrepareSettings
from fm import scoring
from fm.model import Model
from tasks.recommending.question import InvalidQuestionError, Question
from tasks.recommending.recommender import Recommender

HEAD = "user,item,label,time,age,genres,price,device,distance\n"
COLUMNS = Columns(
    user="user",
    item="item",
    label="label",
    timestamp="time",
    user_features=(Feature(name="age", kind="numeric"),),
    item_features=(
        Feature(name="genres", kind="multi_valued"),
        Feature(name="price", kind="numeric"),
    ),
    context_features=(
        Feature(name="device"),
        Feature(name="distance", kind="numeric"),
        Feature(name="time", kind="hour_of_day"),
        Feature(name="time", kind="day_of_week"),
    ),
)
CONTEXT: dict[str, Any] = {"device": 2, "distance": 0.5, "time": 1_650_000_000}
NEW = {"new, cheap": {"genres": "g0|g1", "price": 1.0}, "new": {"genres": "g3", "price": 30}}


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    folder = tmp_path_factory.mktemp("features")
    rng = np.random.default_rng(1)
    lines = []
    for user, item, time in rng.integers([30, 25, 10**8], size=(900, 3)).tolist():
        genres = "|".join(sorted({f"g{g}" for g in rng.integers(4, size=2)}))
        lines.append(
            f"u{user},i{item},{rng.integers(2)},{1_500_000_000 + time},{20 + user},{genres},"
            f"{1.5 * item},{rng.integers(3)},{rng.normal():.3f}\n"
        )
    (folder / "interactions.csv").write_text(HEAD + "".join(lines))
    prepare([folder / "interactions.csv"], folder / "data", PrepareSettings(columns=COLUMNS))
    return Encoder.load(folder / "data")


@pytest.fixture(scope="module")
def model(encoder: Encoder) -> Model:
    rng = np.random.default_rng(2)
    linear, factors = (rng.normal(0, 0.3, (encoder.feature_dim, k)) for k in (1, 6))
    return Model(0.2, linear[:, 0].astype(np.float32), factors.astype(np.float32), "regressor")


@pytest.fixture(scope="module")
def recommender(model: Model, encoder: Encoder) -> Recommender:
    return Recommender.build(model, encoder)


def _raw(encoder: Encoder, model: Model, user: str) -> Any:
    """What the endpoint scores for every catalogue item and then every new one."""
    count = len(encoder.item_ids)
    contexts: Any = {name: [str(v) if name == "device" else v] for name, v in CONTEXT.items()}
    known = encoder.encode(
        [user] * count, encoder.item_ids, {name: v * count for name, v in contexts.items()}
    )
    features: Any = {name: [one[name] for one in NEW.values()] for name in ("genres", "price")}
    around = encoder.encode_users([user]) + encoder.encode_contexts(1, contexts)
    new = encoder.encode_new_items(len(NEW), features)
    rows = [around + new[[at]] for at in range(len(NEW))]
    return np.concatenate(
        [scoring.scores(model, known), *(scoring.scores(model, row.tocsr()) for row in rows)]
    )


def test_new_items_compete_by_their_side_features(
    encoder: Encoder, model: Model, recommender: Recommender
) -> None:
    names = [*encoder.item_ids, *NEW]
    for user in encoder.user_ids[:10]:
        scores = _raw(encoder, model, user)
        scores[encoder.seen_items(user)] = -np.inf
        best = [at for at in np.argsort(-scores, kind="stable")[:12] if np.isfinite(scores[at])]
        answer = recommender.answer(Question(user=user, n=12, context=CONTEXT, new_items=NEW))
        assert [one["item"] for one in answer["recommendations"]] == [names[at] for at in best]
        answered = [one["score"] for one in answer["recommendations"]]
        np.testing.assert_allclose(answered, scores[best], atol=1e-5)


def test_a_new_items_features_are_what_the_encoder_gives_a_known_one(encoder: Encoder) -> None:
    known = encoder.encode_items(encoder.item_ids[:1]).toarray()[0]
    features = next(f for f in encoder.manifest.fields if f.name == "price")
    price = known[features.start] * features.scale + features.mean
    row = encoder.encode_new_items(1, {"genres": [""], "price": [float(price)]}).toarray()[0]
    assert row[features.start] == pytest.approx(known[features.start])
    item = encoder.manifest.field("item")
    assert row[item.unknown] == 1
    assert row[item.start : item.unknown].sum() == 0


def test_an_unknown_user_gets_the_average_of_all_users_in_this_context(
    encoder: Encoder, model: Model, recommender: Recommender
) -> None:
    scores = np.array([_raw(encoder, model, user) for user in encoder.user_ids], np.float64)
    mean = np.asarray(encoder.user_counts) @ scores / np.sum(encoder.user_counts)
    names = [*encoder.item_ids, *NEW]
    question = Question(user="nobody", n=8, context=CONTEXT, new_items=NEW, explain=True)
    answer = recommender.answer(question)
    assert answer["fallback"] == "average_user"
    best = np.argsort(-mean, kind="stable")[:8]
    assert [one["item"] for one in answer["recommendations"]] == [names[at] for at in best]
    for one in answer["recommendations"]:
        assert one["explanation"]["raw_score"] == pytest.approx(one["score"], abs=2e-5)


def test_an_explanation_keeps_the_features_of_one_column_apart(recommender: Recommender) -> None:
    question = Question(user="u1", n=1, context=CONTEXT, explain=True)
    (entry,) = recommender.answer(question)["recommendations"]
    assert {"time:hour_of_day", "time:day_of_week"} <= set(entry["explanation"]["linear"])


@pytest.mark.parametrize(
    ("features", "reason"),
    [
        ({"context": {"device": "1"}}, "context: give all columns or none; missing: distance, ti"),
        ({"context": {**CONTEXT, "weather": "rain"}}, "context: no such column: weather; the mo"),
        ({"context": {**CONTEXT, "distance": "far"}}, "context.distance: give a number, not 'fa"),
        ({"context": {**CONTEXT, "time": "2026-01-01"}}, r"context.time: give a number \(seconds"),
        ({"context": {**CONTEXT, "distance": float("inf")}}, "context.distance: give a number"),
        ({"context": {**CONTEXT, "distance": 1e30}}, "context: a number is far beyond"),
        ({"new_items": {"x": {"price": 1}}}, "new_items.x: give all columns or none; missing: g"),
        ({"new_items": {"i1": NEW["new"]}}, "new_items.i1: training knows this item"),
    ],
)
def test_what_does_not_fit_the_model_is_named(
    recommender: Recommender, features: dict[str, Any], reason: str
) -> None:
    with pytest.raises(InvalidQuestionError, match=reason):
        recommender.answer(Question.model_validate({"user": "u1", **features}))
