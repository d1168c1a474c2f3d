"""The factorization machine as numbers: artifact, scores, metrics and recommendations.

What most callers need is here; it needs numpy alone:

* `Model`, of `PredictorType` `BINARY` or `REGRESSOR`: the trained parameters.
* `read_artifact`, `write_artifact`: a model from and to SageMaker's `model.tar.gz`.
* `scores`: what the endpoint answers for feature rows; `raw_scores`: before the sigmoid.
* `ItemBlock`: the exact top-N items for any number of users.

The modules hold the rest: `metrics`, `ranking_metrics`, `calibration`, `curves`, `bootstrap` and
`weighted_metrics` to judge a model; `bias_only` for a model to compare with, `ease`, `item_knn` and
`list_baselines` for lists to compare with; `cold_start`, `field_terms` and `similar_items` for
unknown users, explanations and items alike; `invocation` for an endpoint's requests.
"""

from fm.artifact import ArtifactError
from fm.artifact import read as read_artifact
from fm.artifact import write as write_artifact
from fm.model import BINARY, REGRESSOR, Model, PredictorType
from fm.scoring import raw_scores, scores
from fm.top_n import ItemBlock

__all__ = [
    "BINARY",
    "REGRESSOR",
    "ArtifactError",
    "ItemBlock",
    "Model",
    "PredictorType",
    "raw_scores",
    "read_artifact",
    "scores",
    "write_artifact",
]
