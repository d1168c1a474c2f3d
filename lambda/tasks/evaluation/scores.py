"""How a model and what it must beat score the same held-out rows; numbers only, no AWS."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from fm import bias_only, bootstrap, calibration, metrics, scoring, weighted_metrics
from fm.model import BINARY, Model
from tasks.evaluation import baselines, ranking
from tasks.evaluation.baselines import Contender, Rows
from tasks.evaluation.comparison import comparison
from tasks.run.catalogue import Catalogue
from tasks.run.errors import ModelRejected

Floats = npt.NDArray[np.float32]
Scores = Mapping[str, Floats]


class Evaluation:
    """The scores of each system on the held-out rows, and what `measure` makes of them.

    `scores` maps the system's name to its scores of the test rows, float32, shape (n,): "model",
    "baseline" (popularity), "bias_only", "constant" (training's mean label), and "live" if there
    is a live model of the same predictor type.

    Raises ModelRejected when the model does not score every row with a number.
    """

    def __init__(
        self,
        model: Model,
        train: Rows,
        test: Rows,
        catalogue: Catalogue,
        live: Contender | None = None,
    ) -> None:
        self.predictor_type = model.predictor_type
        self.test = test
        self._catalogue = catalogue
        item_columns = np.asarray(catalogue.encoder.item_columns)
        mean = float(train.labels.mean(dtype=np.float64))
        self._liked_from = 1.0 if model.predictor_type == BINARY else mean
        biases = bias_only.fit(train.features, train.labels, model.predictor_type)
        popular = baselines.most_popular(train, self._liked(train), item_columns)
        self._contenders = {
            "model": Contender(model),
            "baseline": Contender(popular),
            "bias_only": Contender(biases),
        }
        self.scores: dict[str, Floats] = {
            "model": scoring.scores(model, test.features),
            "baseline": baselines.popularity(train, test, item_columns),
            "bias_only": scoring.scores(biases, test.features),
            "constant": np.full(len(test.labels), mean, np.float32),
        }
        _require_finite(self.scores["model"])
        if live is not None and live.model.predictor_type == model.predictor_type:
            self._contenders["live"] = live
            self.scores["live"] = scoring.scores(live.model, live.translate(test.features))

    def measure(self) -> dict[str, Any]:
        """Return all metrics of all systems (docs/evaluation.md), small enough for a payload."""
        asked = ranking.wanted(self.test, self._liked(self.test), self._catalogue)
        return {
            "predictor_type": self.predictor_type,
            "rows": len(self.test.labels),
            **self._rows(),
            "ranking": ranking.evaluate(self._contenders, asked, self._catalogue),
        }

    def _liked(self, rows: Rows) -> npt.NDArray[np.bool_]:
        return np.asarray(rows.labels >= self._liked_from)

    def _rows(self) -> dict[str, Any]:
        labels = self.test.labels
        binary = self.predictor_type == BINARY
        names = weighted_metrics.CLASSIFICATION if binary else weighted_metrics.REGRESSION
        exact = _classification if binary else _regression
        prepare = weighted_metrics.classification if binary else weighted_metrics.regression
        replicates = bootstrap.replicates(
            {system: prepare(labels, scored) for system, scored in self.scores.items()},
            len(labels),
        )
        values = {system: exact(labels, scored) for system, scored in self.scores.items()}
        return comparison(names, values, replicates)


def _require_finite(scores: Floats) -> None:
    lost = int(np.sum(~np.isfinite(scores)))
    if lost:
        raise ModelRejected(
            f"the model scores {lost:,} of {len(scores):,} held-out rows with no number: training "
            "diverged; lower linear_lr and factors_lr; nothing was deployed"
        )


def _classification(labels: Floats, probabilities: Floats) -> npt.NDArray[np.float64]:
    predicted = (probabilities >= 0.5).astype(np.float32)
    one_class = len(np.unique(labels)) < 2
    return np.array(
        [
            float("nan") if one_class else metrics.auc(labels, probabilities),
            metrics.log_loss(labels, probabilities),
            metrics.accuracy(labels, predicted),
            metrics.f1(labels, predicted),
            calibration.expected_calibration_error(labels, probabilities),
        ]
    )


def _regression(labels: Floats, predictions: Floats) -> npt.NDArray[np.float64]:
    return np.array([metrics.rmse(labels, predictions), metrics.mae(labels, predictions)])
