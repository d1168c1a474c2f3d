"""Training learns the model that generated interactions, as held-out rows show."""

from pathlib import Path
from typing import Any

import pytest

from data_prep import recordio
from data_prep.encoder import Encoder
from data_prep.preparation import prepare
from data_prep.settings import PrepareSettings
from data_prep.synthetic import PlantedFM
from fm import artifact, bias_only
from fm.metrics import auc
from fm.scoring import raw_scores
from tasks.run.hyperparameters import Hyperparameters
from tests.unit.local.fm_container.conftest import Run, write_root

PLANTED = PlantedFM(users=500, items=700, interactions=60_000)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The planted interactions, prepared."""
    folder = tmp_path_factory.mktemp("planted")
    PLANTED.write(folder / "planted.csv")
    prepare([folder / "planted.csv"], folder / "data", PrepareSettings())
    return folder / "data"


def rows(data: Path, part: str) -> tuple[Any, Any]:
    with (data / f"{part}.recordio").open("rb") as file:
        return recordio.read(file)


def test_training_comes_near_to_the_planted_model(run: Run, data: Path, tmp_path: Path) -> None:
    encoder = Encoder.load(data)
    given = Hyperparameters().for_training_job(
        feature_dim=encoder.feature_dim,
        purpose="classification",
        predictor_type="binary_classifier",
        lab=False,
    )
    parts = {part: (data / f"{part}.recordio").read_bytes() for part in ("train", "test")}
    code, log = run(write_root(tmp_path, parts["train"], None, **given))
    assert code == 0, log
    features, labels = rows(data, "test")
    biases = bias_only.fit(*rows(data, "train"), "binary_classifier")
    model = artifact.read_model_file(tmp_path / "model" / "model_algo-1")
    users, items = features.indices.reshape(-1, 2).T - [[0], [encoder.item_columns[0]]]
    known = (users < len(encoder.user_ids)) & (items < len(encoder.item_ids))
    truth = PLANTED.probability(
        [encoder.user_ids[user] for user in users[known]],
        [encoder.item_ids[item] for item in items[known]],
    )
    attainable = auc(labels[known], truth)
    trained = auc(labels[known], raw_scores(model, features[known]))
    without_factors = auc(labels[known], raw_scores(biases, features[known]))
    assert without_factors + 0.05 < trained < attainable
    assert trained - without_factors > 0.6 * (attainable - without_factors)
