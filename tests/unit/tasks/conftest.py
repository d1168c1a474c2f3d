"""A small prepared run with a model, as PrepareData and TrainModel leave it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from data_prep import recordio
from data_prep.column_settings import Columns
from data_prep.encoder import Encoder
from data_prep.preparation import prepare
from data_prep.settings import PrepareSettings, Split
from data_prep.synthetic import PlantedFM
from fm import bias_only
from fm.model import Model
from tasks.run.catalogue import Catalogue
from tasks.run.rows import Rows
from tests.unit.tasks.ranked_run import Ranked, prepare_ranked

COLUMNS = Columns(user="user_id", item="item_id", label="interaction")


@dataclass(frozen=True)
class PreparedRun:
    """A run's prepared data."""

    data: Path
    catalogue: Catalogue
    train: Rows
    test: Rows

    def model(self, predictor_type: str = "binary_classifier", *, noise: bool = False) -> Model:
        """Return a model that has learned the biases, or one that has learned nothing."""
        if not noise:
            return bias_only.fit(self.train.features, self.train.labels, predictor_type)
        d = self.train.features.shape[1]
        rng = np.random.default_rng(3)
        factors = rng.normal(scale=0.2, size=(d, 4)).astype(np.float32)
        return Model(0.0, rng.normal(size=d).astype(np.float32), factors, predictor_type)


def prepare_run(folder: Path, *, seed: int = 42) -> PreparedRun:
    """Prepare planted interactions in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "planted.csv"
    PlantedFM(users=120, items=80, interactions=4000).write(source)
    data = folder / "data"
    split = Split(strategy="random", seed=seed)
    prepare([source], data, PrepareSettings(columns=COLUMNS, split=split))
    parts = []
    for part in ("train", "test"):
        with (data / f"{part}.recordio").open("rb") as file:
            features, labels = recordio.read(file)
        assert labels is not None
        parts.append(Rows(features, labels))
    return PreparedRun(data, Catalogue.build(Encoder.load(data)), *parts)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> PreparedRun:
    """One run's data, for all tests to read."""
    return prepare_run(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="session")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> PreparedRun:
    """Another run's data: another split of the same interactions, so another vocabulary order."""
    return prepare_run(tmp_path_factory.mktemp("earlier"), seed=7)


@pytest.fixture(scope="session")
def ranked(tmp_path_factory: pytest.TempPathFactory) -> Ranked:
    """A run for purpose ranking, with a model and its recommender."""
    return prepare_ranked(tmp_path_factory.mktemp("ranked"))
