"""Small prepared runs with models, as PrepareData and TrainModel leave them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from data_prep import recordio
from data_prep.column_settings import Columns
from data_prep.encoder import Encoder
from data_prep.held_out import HeldOut
from data_prep.preparation import prepare
from data_prep.settings import Label, PrepareSettings, Purpose, Split
from data_prep.synthetic import PlantedFM
from fm import bias_only
from fm.model import Model
from tasks.evaluation.contenders import Live
from tasks.evaluation.evaluation import Evaluation, evaluate
from tasks.evaluation.scores import score
from tasks.run.catalogue import Catalogue
from tasks.run.rows import Rows
from tests.unit.tasks.ranked_run import Ranked, prepare_ranked

COLUMNS = Columns(user="user_id", item="item_id", label="interaction")
GROUPS = 4  # of users and items: users mostly like their own group's


@dataclass(frozen=True)
class PreparedRun:
    """A run's prepared data."""

    data: Path
    catalogue: Catalogue
    held_out: HeldOut
    train: Rows
    test: Rows

    @classmethod
    def of(
        cls, source: Path, data: Path, settings: PrepareSettings, items: Sequence[Path] = ()
    ) -> "PreparedRun":
        """Prepare `source`, and tables of items, in the folder `data`."""
        prepare([source], data, settings, items=items)
        return cls(
            data,
            Catalogue.build(Encoder.load(data)),
            HeldOut.load(data),
            _rows(data / "train.recordio"),
            _rows(data / "test.recordio"),
        )

    def model(self, predictor_type: str = "binary_classifier", *, noise: bool = False) -> Model:
        """Return a model that has learned the biases, or one that has learned nothing."""
        if not noise:
            return bias_only.fit(self.train.features, self.train.labels, predictor_type)
        d = self.train.features.shape[1]
        rng = np.random.default_rng(3)
        factors = rng.normal(scale=0.2, size=(d, 4)).astype(np.float32)
        return Model(0.0, rng.normal(size=d).astype(np.float32), factors, predictor_type)

    def group_model(self) -> Model:
        """Return a model of a run for ranking that knows the items' groups and popularity."""
        encoder = self.catalogue.encoder
        d, start = encoder.feature_dim, encoder.manifest.field("user").start
        linear, factors = np.zeros(d, np.float32), np.zeros((d, GROUPS), np.float32)
        linear[encoder.item_columns] = np.log1p(encoder.item_counts)
        for index, item in enumerate(encoder.item_ids):
            group = int(item.removeprefix("i")) % GROUPS
            factors[start + index, group] = factors[encoder.item_columns[index], group] = 1.0
        return Model(0.0, linear, factors, "binary_classifier")

    def evaluated(
        self,
        model: Model,
        live: Live | None = None,
        *,
        train: Rows | None = None,
        test: Rows | None = None,
        held_out: HeldOut | None = None,
    ) -> Evaluation:
        """Evaluate a model on this run's data, or on what is given in their place."""
        live = live or Live()
        parts = train or self.train, test or self.test
        scored = score(model, *parts, self.catalogue, live.contender)
        return evaluate(scored, self.catalogue, held_out or self.held_out, live)


def _rows(path: Path) -> Rows:
    with path.open("rb") as file:
        features, labels = recordio.read(file)
    assert labels is not None
    return Rows(features, labels)


def prepare_run(
    folder: Path, *, seed: int = 42, purpose: Purpose = "classification"
) -> PreparedRun:
    """Prepare planted interactions in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "planted.csv"
    PlantedFM(users=120, items=80, interactions=4000).write(source)
    split = Split(strategy="random", seed=seed)
    settings = PrepareSettings(columns=COLUMNS, split=split, purpose=purpose)
    return PreparedRun.of(source, folder / "data", settings)


def prepare_ranking(folder: Path, *, split: Split | None = None, items: int = 60) -> PreparedRun:
    """Prepare, for ranking, ratings of 240 users who like their own group's items most."""
    rng = np.random.default_rng(5)
    lines = ["user_id,item_id,rating,timestamp"]
    for user in range(240):
        affinity = np.where(np.arange(items) % GROUPS == user % GROUPS, 12.0, 1.0)
        count = 12 + user % 5 * 4 + (8 if user % 20 == 19 else 0)  # few like 25 or more
        weights = affinity / (np.arange(items) + 5)
        rated = rng.choice(items, count, replace=False, p=weights / weights.sum())
        for place, item in enumerate(rated):
            rating = 2 if place % 7 == 6 else 5
            lines.append(f"u{user},i{item},{rating},{1_600_000_000 + 60 * place}")
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "ratings.csv"
    source.write_text("\n".join([*lines, ""]))
    titles = folder / "items.csv"  # the first five items have none
    titles.write_text("item_id,title\n" + "".join(f"i{n},Film {n}\n" for n in range(5, items)))
    settings = PrepareSettings(
        purpose="ranking", label=Label(positive_at_least=4), split=split or Split()
    )
    return PreparedRun.of(source, folder / "data", settings, [titles])


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> PreparedRun:
    """One run's data, for all tests to read."""
    return prepare_run(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="session")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> PreparedRun:
    """Another run's data: another split of the same interactions, so another vocabulary order."""
    return prepare_run(tmp_path_factory.mktemp("earlier"), seed=7)


@pytest.fixture(scope="session")
def ranker(tmp_path_factory: pytest.TempPathFactory) -> Ranked:
    """A run for purpose ranking, with a model and its recommender."""
    return prepare_ranked(tmp_path_factory.mktemp("ranked"))


@pytest.fixture(scope="session")
def ranked(tmp_path_factory: pytest.TempPathFactory) -> PreparedRun:
    """The data of a run for ranking."""
    return prepare_ranking(tmp_path_factory.mktemp("ranked"))


@pytest.fixture(scope="session")
def ranked_earlier(tmp_path_factory: pytest.TempPathFactory) -> PreparedRun:
    """The data of another run for ranking, which knows fewer items."""
    return prepare_ranking(tmp_path_factory.mktemp("ranked-earlier"), split=Split(seed=7), items=50)


@pytest.fixture(scope="session")
def ranked_by_time(tmp_path_factory: pytest.TempPathFactory) -> PreparedRun:
    """The data of the second model of a run for ranking: the latest fifth is held out."""
    split = Split(strategy="time", strangers=0)
    return prepare_ranking(tmp_path_factory.mktemp("ranked-by-time"), split=split)
